/*
 * Exits 0 where the server answers, and says what ails it where it does not: for a container's health check, and for people.
 *
 *     node deploy/health.mjs [live]
 *
 * `live` asks whether the process turns, and nothing of its stores. The server answers to its own name only.
 */
import { get } from 'node:http';

const PATIENCE_MS = 4000;
const { MACADAM_ORIGIN: origin = 'http://127.0.0.1:8080', MACADAM_PORT: port = '8080' } = process.env;
const path = process.argv[2] === 'live' ? '/api/health/live' : '/api/health/ready';

function end(code, said) {
  process.stdout.write(`${said}\n`, () => process.exit(code));
}

/** Each part that is not as it should be, a line. */
function described(text) {
  try {
    return Object.entries(JSON.parse(text))
      .filter(([, part]) => typeof part === 'object' && part.state !== 'ok')
      .map(([name, { state, detail }]) => `${name.replaceAll('_', ' ')}: ${state}: ${detail}`)
      .join('\n');
  } catch {
    return '';
  }
}

let connected = false;
get({ port, path, headers: { host: new URL(origin).host }, timeout: PATIENCE_MS }, (answer) => {
  let text = '';
  answer.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  answer.on('end', () =>
    end(answer.statusCode === 200 ? 0 : 1, described(text) || `status ${answer.statusCode}`),
  );
})
  .on('socket', (socket) =>
    socket.on('connect', () => {
      connected = true;
    }),
  )
  .on('timeout', () =>
    end(
      1,
      `the server took the connection and did not answer within ${PATIENCE_MS / 1000} s: ` +
        'its event loop is stuck; it ends by itself (MACADAM_STUCK_SECONDS)',
    ),
  )
  .on('error', (error) =>
    end(
      1,
      connected
        ? `the server broke the connection: ${error.message}`
        : `no server listens on port ${port}: ${error.message}`,
    ),
  );
