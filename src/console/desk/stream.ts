/** What a page hears of a stream of the bridge. */
export interface Listening<T> {
  readonly picture: (picture: T) => void;
  /** True while the bridge is heard. */
  readonly state: (heard: boolean) => void;
}

/** Server-sent events: the browser connects again by itself. @returns what ends it. */
export function listen<T>(path: string, { picture, state }: Listening<T>): () => void {
  const source = new EventSource(`/console/api/${path}`);
  source.addEventListener('message', (event: MessageEvent<string>) => {
    state(true);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides share the contract
    picture(JSON.parse(event.data) as T);
  });
  source.addEventListener('error', () => state(false));
  source.addEventListener('away', () => state(false));
  source.addEventListener('signed_out', () => {
    source.close();
    location.reload();
  });
  return () => source.close();
}
