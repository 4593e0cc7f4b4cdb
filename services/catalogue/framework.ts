/** A framework lists what an outside body asks, and which standards answer. It only maps; standards own the checks. */
import { z } from 'zod';

export const frameworkSchema = z.strictObject({
  framework: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'kebab-case'),
  title: z.string().min(5),
  /** Requirement → standard ids; an empty list is a gap that is shown. */
  requirements: z.record(z.string(), z.array(z.string())),
  /** Heading → requirements under it, as the outside body orders them; left out: it has none. */
  groups: z.record(z.string().min(3).max(120), z.array(z.string()).min(1)).optional(),
});

export type Framework = z.infer<typeof frameworkSchema>;

/** What the outside body lists a requirement under; null where it orders none. */
export const groupOf = ({ groups = {} }: Framework, requirement: string): string | null =>
  Object.entries(groups).find(([, own]) => own.includes(requirement))?.[0] ?? null;

/** Framework → requirements that a standard answers. */
export function mappingsOf(frameworks: readonly Framework[], standard: string): Record<string, string[]> {
  return Object.fromEntries(
    frameworks
      .map((framework) => [
        framework.framework,
        Object.entries(framework.requirements)
          .filter(([, standards]) => standards.includes(standard))
          .map(([requirement]) => requirement),
      ])
      .filter(([, requirements]) => requirements?.length),
  );
}
