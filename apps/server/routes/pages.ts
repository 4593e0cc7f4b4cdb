/** The pages of what people decide; what programs ask of the same stands in the files of the nouns. */
import { exceptionItem } from '../pages/exception-item.ts';
import { exceptionList } from '../pages/exception-list.ts';
import { handovers } from '../pages/handovers.ts';
import { lookUps } from '../pages/look-up.ts';
import { owners } from '../pages/owners.ts';
import { workItem } from '../pages/work-item.ts';
import { workList } from '../pages/work-list.ts';

export const routes = [
  workList,
  ...workItem,
  ...exceptionList,
  ...exceptionItem,
  ...handovers,
  ...owners,
  ...lookUps,
];
