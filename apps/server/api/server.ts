/** About the server itself. */
import { z } from 'zod';
import { open } from '../http/route.ts';

export const routes = [
  open({
    method: 'GET',
    path: '/api/health',
    summary: 'Say whether the server can answer',
    media: 'application/json',
    does: async ({ parts }) => {
      await parts.decisions.transaction({ id: 'machine:health', divisions: [] }, async () => {}, {
        readOnly: true,
      });
      return {
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(z.object({ status: z.literal('ok') }).parse({ status: 'ok' })),
      };
    },
  }),
];
