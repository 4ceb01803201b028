/** Genesys' components follow this attribute; light and dark are the system's choice. */
export function followColours(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = (): void => {
    document.documentElement.setAttribute('flare-mode', dark.matches ? 'dark' : 'light');
  };
  dark.addEventListener('change', follow);
  follow();
}
