/** What is wrong with the settings of a tracker, before anything is asked. */
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import type { z } from 'zod';
import type { TrackerSettings } from './port.ts';

interface Asked {
  readonly project: RegExp;
  /** What a project that does not match is not, and how to name one. */
  readonly called: string;
  readonly fix: string;
  readonly options: z.ZodType;
  /** What may be given as options. */
  readonly give: string;
}

export function objectionsTo(settings: TrackerSettings, asked: Asked): readonly RequestDiagnostic[] {
  const { project, called, fix, options, give } = asked;
  const found: RequestDiagnostic[] = [];
  if (!project.test(settings.project))
    found.push({ field: 'project', reason: `\`${settings.project}\` is ${called}`, fix });
  if (!options.safeParse(settings.options).success)
    found.push({ field: 'options', reason: 'they are not understood', fix: `give ${give}` });
  return found;
}
