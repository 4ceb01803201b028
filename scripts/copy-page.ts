import { cpSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What of the pages is not compiled goes beside what is. */
for (const page of ['phone', 'desk']) {
  const from = new URL(`../src/console/${page}/`, import.meta.url);
  const to = new URL(`../dist/console/${page}/`, import.meta.url);
  for (const name of readdirSync(from)) {
    if (/\.(?:html|css|svg)$/.test(name)) {
      cpSync(fileURLToPath(new URL(name, from)), fileURLToPath(new URL(name, to)));
    }
  }
}

/** Genesys' own components, which the console serves from its own origin. */
const spark = new URL(
  '../node_modules/genesys-spark-components/dist/genesys-webcomponents/',
  import.meta.url,
);
cpSync(
  fileURLToPath(spark),
  fileURLToPath(new URL('../dist/console/desk/spark/', import.meta.url)),
  {
    recursive: true,
  },
);

/** The chart's library: a browser has no node_modules. */
for (const name of ['uPlot.iife.min.js', 'uPlot.min.css']) {
  cpSync(
    fileURLToPath(new URL(`../node_modules/uplot/dist/${name}`, import.meta.url)),
    fileURLToPath(new URL(`../dist/console/desk/vendor/${name}`, import.meta.url)),
  );
}
