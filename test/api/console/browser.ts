import assert from 'node:assert/strict';

/** As much of a browser as signing in needs: cookies by site, and redirects one at a time. */
export class Browser {
  readonly #base: string;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(base: string) {
    this.#base = base;
  }

  /** The cookies that a site has set. */
  cookies(url: string = this.#base): Map<string, string> {
    const { host } = new URL(url);
    const known = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, known);
    return known;
  }

  /** One request, redirects not followed. */
  async go(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.#base).href;
    const jar = this.cookies(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = new Headers(init.headers);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=', 2);
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects until there is a page; its address and its text. */
  async visit(path: string, init: RequestInit = {}): Promise<{ url: string; response: Response }> {
    let url = new URL(path, this.#base).href;
    let response = await this.go(url, init);
    for (let hops = 0; response.status >= 300 && response.status < 400; hops += 1) {
      assert.ok(hops < 10, 'the redirects go round in a circle');
      url = new URL(response.headers.get('location') ?? '', url).href;
      response = await this.go(url);
    }
    return { url, response };
  }

  /** Signs in as one of the sandbox's people; the last page. */
  async signIn(person: string, to = '/console'): Promise<{ url: string; response: Response }> {
    const asked = await this.visit(`/console/sign-in?to=${encodeURIComponent(to)}`);
    assert.equal(asked.response.status, 200, await asked.response.clone().text());
    return this.visit(asked.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `person=${person}`,
    });
  }

  /** A request of a page of the console that changes something. */
  tell(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.go(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tokenline-console': '1', ...headers },
      body: JSON.stringify(body),
    });
  }
}
