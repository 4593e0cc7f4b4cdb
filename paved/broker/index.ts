export {
  type Broker,
  type BrokerOptions,
  type Checked,
  createBroker,
  type LoginCheck,
  type Refused,
  type Request,
  type Rule,
} from './broker.ts';
export { brokerRoutes, gitGuard } from './http.ts';
export { type GitCommand, type GitRequest, gitCommandOf, gitRequestOf } from './names.ts';
export { developmentSigner, type Signer, type SigningKey } from './signer.ts';
export { type Access, type BrokerStore, fileStore, type Issued } from './store.ts';
