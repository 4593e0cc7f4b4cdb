/** About the server itself. */
import { type Call, open } from '../http/route.ts';
import { livenessSchema, readinessSchema } from '../life/health.ts';

const RETRY_SECONDS = '5';
const HEADERS = { 'content-type': 'application/json; charset=utf-8' };

const ready = async ({ parts }: Pick<Call, 'parts'>) => {
  const health = readinessSchema.parse(await parts.health.ready());
  return {
    status: health.status === 'unavailable' ? 503 : 200,
    headers: health.status === 'unavailable' ? { ...HEADERS, 'retry-after': RETRY_SECONDS } : HEADERS,
    body: JSON.stringify(health),
  };
};

export const routes = [
  open({
    method: 'GET',
    path: '/api/health/live',
    summary: 'Say whether the process turns: whoever gets no answer may end it',
    media: 'application/json',
    does: async ({ parts }) => ({
      headers: HEADERS,
      body: JSON.stringify(livenessSchema.parse(parts.health.live())),
    }),
  }),
  open({
    method: 'GET',
    path: '/api/health/ready',
    summary: 'Say whether the server can answer, and what keeps it from that',
    media: 'application/json',
    does: ready,
  }),
  open({
    method: 'GET',
    path: '/api/health',
    summary: 'Say whether the server can answer, as /api/health/ready does',
    media: 'application/json',
    does: ready,
  }),
];
