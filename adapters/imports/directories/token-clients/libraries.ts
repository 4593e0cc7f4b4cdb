/** Packages by which code obtains tokens of OAuth, by the type of their Package URL: a published table, as whoever looks for them would know them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  npm: [
    '@azure/identity',
    '@azure/msal-browser',
    '@azure/msal-node',
    '@azure/msal-react',
    '@auth0/auth0-spa-js',
    '@okta/okta-auth-js',
    'adal-node',
    'auth0',
    'client-oauth2',
    'google-auth-library',
    'keycloak-connect',
    'keycloak-js',
    'oauth4webapi',
    'oidc-client-ts',
    'openid-client',
    'passport-azure-ad',
    'passport-oauth2',
    'simple-oauth2',
  ],
  pypi: [
    'adal',
    'authlib',
    'azure-identity',
    'google-auth',
    'google-auth-oauthlib',
    'msal',
    'oauthlib',
    'requests-oauthlib',
  ],
  golang: [
    'github.com/Azure/azure-sdk-for-go/sdk/azidentity',
    'github.com/Azure/go-autorest/autorest/adal',
    'github.com/AzureAD/microsoft-authentication-library-for-go',
    'github.com/coreos/go-oidc',
    'github.com/coreos/go-oidc/v3',
    'github.com/zitadel/oidc',
    'github.com/zitadel/oidc/v3',
    'golang.org/x/oauth2',
  ],
  maven: [
    'com.azure:azure-identity',
    'com.google.auth:google-auth-library-oauth2-http',
    'com.google.oauth-client:google-oauth-client',
    'com.microsoft.azure:adal4j',
    'com.microsoft.azure:msal4j',
    'com.nimbusds:oauth2-oidc-sdk',
    'org.springframework.security:spring-security-oauth2-client',
  ],
  nuget: [
    'Azure.Identity',
    'Duende.AccessTokenManagement.OpenIdConnect',
    'Google.Apis.Auth',
    'IdentityModel',
    'IdentityModel.OidcClient',
    'Microsoft.Identity.Client',
    'Microsoft.Identity.Web',
    'Microsoft.IdentityModel.Clients.ActiveDirectory',
  ],
  cargo: ['azure_identity', 'gcp_auth', 'oauth2', 'openidconnect'],
  gem: ['googleauth', 'oauth2', 'signet'],
  composer: ['league/oauth2-client', 'thenetworg/oauth2-azure'],
};

/** NuGet and PyPI tell no cases apart, and PyPI no dashes. */
function spelt(type: string, name: string): string {
  if (type === 'pypi') return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
  return type === 'nuget' ? name.toLowerCase() : name;
}

const KNOWN: ReadonlyMap<string, string> = new Map(
  Object.entries(PACKAGES).flatMap(([type, names]) =>
    names.map((name) => [`${type} ${spelt(type, name)}`, name] as const),
  ),
);

/** The name by which this table, and a list of approved ones, calls a package that obtains tokens; undefined for another one. */
export const tokenLibrary = (type: string, name: string): string | undefined =>
  KNOWN.get(`${type} ${spelt(type, name)}`);
