/* Exits 0 where the server answers: for a container's health check. It answers to its own name only. */
import { get } from 'node:http';

const { MACADAM_ORIGIN: origin = 'http://127.0.0.1:8080', MACADAM_PORT: port = '8080' } = process.env;
get({ port, path: '/api/health', headers: { host: new URL(origin).host }, timeout: 4000 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
)
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
