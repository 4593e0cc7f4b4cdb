/**
 * What decides in a service whether a token is valid. `library` is `await import('@macadam/token')`; put your issuer and the name of your service into it, and
 * `requireToken` of the library in front of your handlers.
 */
export function validatorOf({ createValidator, publishedKeys }) {
  const issuer = 'https://login.example.com';
  return createValidator({
    issuer,
    audience: 'https://api.example.com/orders',
    algorithms: ['ES256'],
    keys: publishedKeys({ issuer, algorithms: ['ES256'] }),
    service: 'orders',
    longestLife: 3600,
  });
}

/** Lines for `macadam ingest`; send them on every minute. */
export const reportsOf = (validator) => [JSON.stringify(validator.takeReport())];
