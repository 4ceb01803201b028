import { escapedHtml } from '../system/html.ts';

/** Pages of the make-believe Genesys Cloud. Nothing of a request gets into one unescaped. */

export const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 32rem; margin: 10vh auto; padding: 0 1rem; }
form { display: grid; gap: .5rem; }
button { font: inherit; padding: .75rem 1rem; text-align: left; cursor: pointer; }
body.desktop { margin: 0; display: grid; grid-template-columns: 1fr 24rem; height: 100vh; }
body.desktop > section { padding: 1.5rem; }
iframe { width: 100%; height: 100%; border: 0; border-left: 1px solid gray; box-sizing: border-box; }
`;

/** As an Interaction Widget is set up in Genesys: docs/guides/agent.md says the same list. */
export const WIDGET_SANDBOX = 'allow-forms allow-popups allow-same-origin allow-scripts';

export function loginPage(
  agents: readonly { readonly id: string; readonly name: string }[],
  kept: { readonly state: string; readonly challenge: string },
): string {
  const buttons = agents.map(
    ({ id, name }) => `<button name="agent" value="${id}">${name}</button>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sandbox: Genesys Cloud</title>
<link rel="stylesheet" href="/genesys/genesys.css">
<main>
  <h1>Which agent are you?</h1>
  <p>This is the sandbox's make-believe Genesys Cloud. Every call that reaches a person is Ana's; Ben
  takes part in none.</p>
  <form method="post" action="/genesys/login/oauth/authorize">
    <input type="hidden" name="state" value="${escapedHtml(kept.state)}">
    <input type="hidden" name="challenge" value="${escapedHtml(kept.challenge)}">
    ${buttons.join('\n    ')}
  </form>
</main>
</html>`;
}

export function desktopPage(agentPage: string, conversationId: string): string {
  const id = encodeURIComponent(conversationId);
  const source = escapedHtml(`${agentPage}?interaction=${id}&lang=en-us`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sandbox: the agent's desktop</title>
<link rel="stylesheet" href="/genesys/genesys.css">
<body class="desktop">
<section>
  <h1>The agent's desktop</h1>
  <p>In Genesys Cloud the call's controls are here. At the right is Tokenline's Interaction Widget for
  the conversation <code>${escapedHtml(conversationId)}</code>.</p>
</section>
<iframe title="Tokenline" sandbox="${WIDGET_SANDBOX}" src="${source}"></iframe>
</body>
</html>`;
}
