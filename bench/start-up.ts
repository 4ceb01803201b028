import { stop } from './ground.ts';
import { Figures, type Measurement, type Result, type Run } from './measurement.ts';
import { startGateway, startWhole } from './system.ts';

async function measure(run: Run): Promise<Result> {
  const { ground } = run;
  const figures = new Figures();
  const remarks = [
    'From `tokenline serve` to ready: four processes, each with its port open, and the card process with the keys of the bridge. Cold is an empty directory and an empty database, whose schema has to be made; warm is the same directory again.',
  ];
  const engines = ground.hasPostgres ? ['PostgreSQL', 'PGlite'] : ['PGlite'];
  if (!ground.hasPostgres) remarks.push('Not measured: PostgreSQL, which is not here.');
  const gateway = await startGateway(ground);
  const rounds = run.quick ? 1 : 3;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const engine of engines) {
        const databaseUrl = engine === 'PostgreSQL' ? await ground.database() : null;
        const data = ground.folder('data');
        const took: number[] = [];
        for (const when of ['cold', 'warm']) {
          const whole = await startWhole(ground, { databaseUrl, gatewayPort: gateway.port, data });
          figures.add(`${engine}, ${when}`, 's', whole.startedInMs / 1000);
          took.push(whole.startedInMs);
          await stop(whole.process);
        }
        const text = took.map((ms) => `${(ms / 1000).toFixed(2)} s`).join(', then ');
        run.progress(`${engine} round ${round}/${rounds}: ${text}`);
      }
    }
  } finally {
    await stop(gateway.process);
  }
  return { figures: figures.all, remarks };
}

export const startUp: Measurement = {
  id: 'start-up',
  title: 'Start-up',
  asks: 'How long does it take until the first card can be taken?',
  run: measure,
};
