import dns from 'node:dns';
import type { Plan } from './plan.ts';

/** Reserved for tests (RFC 6761 §6.2): no name server of anybody is asked about them. */
const RESERVED = '.test';

const HERE = '127.0.0.1';
/** An address of this machine at which nobody listens, so that a connection to it is refused. */
const NOWHERE = '127.0.0.2';

type Told = (error: Error | null, address?: unknown, family?: number) => void;

function unknown(host: string): Error {
  const error = new Error(`getaddrinfo ENOTFOUND ${host}`);
  return Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host });
}

/** The resolver of this process: the names of the board lead to this machine, or where the plan says. */
export function resolveNames(plan: Plan): void {
  const real = dns.lookup.bind(dns);
  const lookup = (host: string, options: dns.LookupOptions, told: Told): void => {
    if (!host.endsWith(RESERVED)) return real(host, options, told as never);
    const answer = plan.nameAnswer(host);
    const address = answer === 'nowhere' ? NOWHERE : HERE;
    setImmediate(() => {
      if (answer === 'unknown') told(unknown(host));
      else if (options.all === true) told(null, [{ address, family: 4 }]);
      else told(null, address, 4);
    });
  };
  Object.assign(dns, { lookup });
}
