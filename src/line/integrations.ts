import type { DataActionRequest, DataActionResult, DataActions } from './call.ts';

/** Data actions that hold sockets, and may outlive the call that asked for them. */
export interface OpenDataActions extends DataActions {
  /** Resolves when nothing runs any more, also what outlived its call. */
  settled(): Promise<void>;
  /** Waits for what runs, and closes the sockets. */
  close(): Promise<void>;
}

/** An integration of the organisation by its category, with a credential of its own. */
export interface Integration extends OpenDataActions {
  readonly category: string;
}

/**
 * The integrations of an organisation: a flow names the category of a data action, and no action
 * gets another integration's credential.
 */
export class Integrations implements OpenDataActions {
  readonly #all: readonly Integration[];

  constructor(all: readonly Integration[]) {
    this.#all = all;
  }

  run(request: DataActionRequest, timeoutMs: number | null): Promise<DataActionResult> {
    const { category, action } = request;
    const integration = this.#all.find((one) => one.category === category);
    if (integration !== undefined) return integration.run(request, timeoutMs);
    const reason = `there is no data action ${category} / ${action}`;
    return Promise.resolve({ kind: 'failure', reason });
  }

  async settled(): Promise<void> {
    for (const integration of this.#all) await integration.settled();
  }

  async close(): Promise<void> {
    for (const integration of this.#all) await integration.close();
  }
}
