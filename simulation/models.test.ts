/** What a kind has, its model says: a kind that got an attribute or a field could else not be simulated, and no company with it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { calendar } from './calendar.ts';
import { rowColumns } from './columns.ts';
import { codesOf } from './judged.ts';
import { MODELS } from './models.ts';
import { SIMULATED_PARAMETERS } from './parameters.ts';
import { SIZES } from './size.ts';

const { kinds, standards } = loadCatalogue([join(import.meta.dirname, '..')], SIMULATED_PARAMETERS);
const when = calendar(SIZES.tiny, '1', new Date('2026-11-24T00:00:00Z'));

for (const model of MODELS)
  test(`the model of ${model.kind} says all of it, and the engine can judge it`, () => {
    const kind = kinds.get(model.kind) ?? assert.fail(`there is no kind ${model.kind}`);
    const own = standards
      .map(({ compiled }) => compiled)
      .filter(({ definition }) => definition.scope.kind === model.kind);
    assert.ok(rowColumns(kind, model, when, true).length > 0);
    assert.equal(codesOf(kind, own, when).codes.length, own.length);
  });
