/** The pages of what people decide; what programs ask of the same stands in the files of the nouns. */
import { assetItem } from '../pages/assets/asset-page.ts';
import { assetList } from '../pages/assets/list-page.ts';
import { auditPages } from '../pages/audit/page.ts';
import { campaignPages } from '../pages/campaigns/pages.ts';
import { definitionPages } from '../pages/definition/page.ts';
import { exceptionItem } from '../pages/exceptions/item-page.ts';
import { exceptionList } from '../pages/exceptions/list-page.ts';
import { frameworkPages } from '../pages/frameworks/pages.ts';
import { handovers } from '../pages/handovers/list-page.ts';
import { incidentPages } from '../pages/incidents/pages.ts';
import { owners } from '../pages/owners/owners.ts';
import { unitItem } from '../pages/owners/unit-page.ts';
import { reviewPages } from '../pages/reviews/pages.ts';
import { settingsPages } from '../pages/settings/page.ts';
import { sourceList } from '../pages/sources/list-page.ts';
import { amountsPage } from '../pages/standard/amounts-page.ts';
import { targetPages } from '../pages/targets/pages.ts';
import { lookUps } from '../pages/who/look-up.ts';
import { workItem } from '../pages/work/item-page.ts';
import { workList } from '../pages/work/list-page.ts';

export const routes = [
  workList,
  ...workItem,
  ...exceptionList,
  ...exceptionItem,
  ...handovers,
  ...owners,
  unitItem,
  ...lookUps,
  ...reviewPages,
  ...frameworkPages,
  ...campaignPages,
  ...targetPages,
  ...incidentPages,
  amountsPage,
  ...definitionPages,
  ...auditPages,
  ...settingsPages,
  ...sourceList,
  assetList,
  assetItem,
];
