/** Every kind of the simulated company. */
import type { Model } from './model.ts';
import { application } from './models/application.ts';
import { build } from './models/build.ts';
import { cloudResource } from './models/cloud-resource.ts';
import { credential } from './models/credential.ts';
import { dependency } from './models/dependency.ts';
import { detection } from './models/detection.ts';
import { device } from './models/device.ts';
import { dumpStore } from './models/dump-store.ts';
import { incident } from './models/incident.ts';
import { logSource } from './models/log-source.ts';
import { networkDevice } from './models/network-device.ts';
import { pipeline } from './models/pipeline.ts';
import { privilegedAssignment } from './models/privileged-assignment.ts';
import { privilegedGroup } from './models/privileged-group.ts';
import { repository } from './models/repository.ts';
import { service } from './models/service.ts';
import { signingKey } from './models/signing-key.ts';
import { subnet } from './models/subnet.ts';
import { tenant } from './models/tenant.ts';
import { tokenValidator } from './models/token-validator.ts';
import { trainingEnrolment } from './models/training-enrolment.ts';
import { user } from './models/user.ts';
import { vulnerabilityCase } from './models/vulnerability-case.ts';

export const MODELS: readonly Model[] = [
  application,
  build,
  cloudResource,
  credential,
  dependency,
  detection,
  device,
  dumpStore,
  incident,
  logSource,
  networkDevice,
  pipeline,
  privilegedAssignment,
  privilegedGroup,
  repository,
  service,
  signingKey,
  subnet,
  tenant,
  tokenValidator,
  trainingEnrolment,
  user,
  vulnerabilityCase,
];
