import { isIP, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { TLS } from './tls.ts';

/** Where a client's sockets lead. */
export interface Peer {
  /** The `Host` header (RFC 9110 §7.2). */
  readonly host: string;
  /** A socket counts as connected only once TLS has verified the certificate. */
  readonly secure: boolean;
  /** Begins to connect. */
  open(): Socket;
}

/**
 * SSL_OP_CLEANSE_PLAINTEXT, bit 1 of OpenSSL 3's options (`openssl/ssl.h`): plaintext that TLS has
 * handed over is overwritten in its own record buffer. Node takes it and has no name for it.
 */
const SSL_OP_CLEANSE_PLAINTEXT = 2;

/**
 * Reads `http://host:port`, `https://host:port` or `http+unix:///path/to/socket`.
 *
 * @param ca PEM bundle that replaces the default authorities.
 * @throws TypeError where it is none of these; the message says which form is wanted.
 */
export function peerOf(origin: string, ca: string | undefined): Peer {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url?.protocol === 'http+unix:' && url.host === '' && url.pathname.length > 1) {
    const path = decodeURIComponent(url.pathname);
    return { host: 'localhost', secure: false, open: () => connectTcp({ path }) };
  }
  if (url === null || !isPlainOrigin(url)) {
    throw new TypeError(
      'an origin is http://host:port, https://host:port or http+unix:///path, without a path, ' +
        'a query or a password',
    );
  }
  // An IPv6 address stands in brackets in a URL and without them everywhere else.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return url.protocol === 'https:' ? tlsPeer(url, host, ca) : tcpPeer(url, host);
}

function isPlainOrigin(url: URL): boolean {
  const web = url.protocol === 'http:' || url.protocol === 'https:';
  return web && `${url.origin}/` === url.href;
}

function tcpPeer(url: URL, host: string): Peer {
  const port = url.port === '' ? 80 : Number(url.port);
  return { host: url.host, secure: false, open: () => connectTcp({ host, port }) };
}

function tlsPeer(url: URL, host: string, ca: string | undefined): Peer {
  const port = url.port === '' ? 443 : Number(url.port);
  const secureContext = createSecureContext({
    ...TLS,
    secureOptions: SSL_OP_CLEANSE_PLAINTEXT,
    ...(ca === undefined ? {} : { ca }),
  });
  const options = {
    host,
    port,
    secureContext,
    // Said although it is the default: NODE_TLS_REJECT_UNAUTHORIZED must not undo it.
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    // RFC 6066 §3 allows no addresses in server_name; the certificate is compared with `host` then.
    servername: isIP(host) === 0 ? host : '',
  };
  return { host: url.host, secure: true, open: () => connectTls(options) };
}
