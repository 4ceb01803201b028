import { blocksOf } from '../stream-blocks.ts';

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** The events of a stream as they come. */
export async function* eventsOf(response: Response): AsyncGenerator<StreamEvent, void, void> {
  for await (const block of blocksOf(response)) {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data !== undefined) yield { event: /^event: (.*)$/m.exec(block)?.[1] ?? 'message', data };
  }
}
