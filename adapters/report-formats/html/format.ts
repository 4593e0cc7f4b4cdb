import type { Format } from '../port.ts';
import { page } from './page.ts';

export const format: Format = {
  id: 'html',
  description: 'One self-contained page for people; opens without a server.',
  mediaType: 'text/html; charset=utf-8',
  code: 'all',
  render: (report) => page(report).text,
};
