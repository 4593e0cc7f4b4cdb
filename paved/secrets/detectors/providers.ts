/**
 * Providers whose keys have no mark of their own (32 hexadecimal digits, a UUID): what tells them apart is the
 * provider's name nearby. To add one, add its name as it stands in code, in lower case.
 */
import { isDigit, isLetter, isLower, isUpper } from '../codes.ts';
import type { Candidate, Confidence, Detector, Reading, ReadingDetector } from '../detector.ts';
import { isExample, isPlaceholder, isReference, judge, randomness } from '../judge.ts';
import { runBefore } from '../surroundings.ts';
import { wordShare } from '../words.ts';
import { isFlowToken } from './assignments.ts';

/** Names that mean little else: a long random value directly behind one is enough. */
const DISTINCT = `
abuseipdb abyssale accuweather adafruit adobe adzuna aeroworkflow agora airbrake airnow airship airtable airvisual
aiven alchemy alconost alegra aletheia algolia alibaba aliyun alienvault allsports amadeus ambee amplitude anthropic
anypoint apacta api2cart apideck apiflash apifonica apify apilayer apimatic apimetrics apininjas apitemplate apollo
appcenter appcircle appcues appfollow appointedd appoptics appsflyer appsmith appsynergy apptivo appveyor appwrite
artifactory artsy asana assemblyai atera atlassian audd auth0 autodesk autoklose autopilot avaza aviationstack axonaut
ayrshare backblaze baidubce bannerbear baremetrics baseapi beamer beebole besnappy besttime betterstack billomat bingmaps
bitbar bitbucket bitcoinaverage bitfinex bitgo bitly bitmex bitrise bitwarden blazemeter blitapp blocknative blogger
bluesnap blynk bombbomb boostnote borgbase braintree braze brandfetch brevo browserstack browshot bscscan bubble
buddyns budibase bugherd bugsnag buildkite bulbul bulksms bunnycdn buttercms caflou calendarific calendly calorieninja
campayn cannyio capsulecrm captaindata carboninterface cashboard caspio censys centralstationcrm cerebras cexio
chartmogul chatbot chatfuel checio checklyhq checkout checkvist cicero circleci clarifai clearbit clerkdev clicksend
clickhelp clickup clickhouse cliengo clientary clinchpad clockify clockworksms closecrm cloudant cloudconvert
cloudelements cloudflare cloudfront cloudimage cloudinary cloudmersive cloudplan cloudsight cloudsmith cloudways
cloverly cloze clustdoc cockroachdb codacy codeclimate codecov codemagic codequiry codesandbox cohere coinapi coinbase
coingecko coinlayer coinlib coinmarketcap collect2 commercejs commercetools commodities companyhub confluent contentful
contentstack conversiontools convertapi convertkit convier cookiebot copper copyscape corda coralogix couchbase
countrylayer courier coveralls craftmypdf crossbrowsertesting crowdin crowdstrike crunchbase cryptocompare customerguru
customerio currencycloud currencyfreaks currencylayer currencyscoop currentsapi cybersource d7network dandelion
dareboost databox databricks datadog datadoghq datafire datagov dataiku datarobot datocms deadmanssnitch debounce deepai
deepgram deepinfra deepseek deepl delighted demio deputy descope detectify detectlanguage dfuse diffbot diggernaut
digicert digitalocean discord discourse disqus dnscheck dnsimple docker dockerhub docparser documo docusign doppler
dotdigital dovico dronahq droneci dropbox duply dwolla dynalist dynatrace dyspatch eagleeyenetworks easyinsight easypost
ecostruxureit edamam edenai eightxeight elasticemail elastic elevenlabs enablex endorlabs enigma entrez eraser
esputnik etherscan ethplorer etsy eventbrite everhour everypay exchangerate exchangerates exportsdk extractorapi
facebook facepp falai fastforex fastly fauna feedier fetchrss fibery fifteenfive figma fileio findl finage
financialmodelingprep finicity finnhub fireworks fixer fleetbase flexport flickr flightapi flightlabs flightstats
flowdash flowdock flowflu flutterwave flyio fmfw formbucket formcraft formio formsite foursquare frameio freshbooks
freshdesk freshservice friendbuy fullstory fulcrum fusebill fxmarket geckoboard gengo geoapify geocode geocodify geocodio geoipifi
getaddress getemail getgeoapi getgist getresponse getsandbox gitbook gitea github gitlab gitguardian gitter glassnode
gocanvas gocardless godaddy goodday google grafana graphcms graphhopper greynoise groovehq groq gtmetrix gumroad
guru gyazo happi happyscribe harness harvest hashicorp heatmapapi hellosign helpcrunch helpscout hereapi heroku
hetzner hiveage holidayapi holistic honeybadger honeycomb html2pdf hubspot huggingface humanity hunter hybiscus hypertrack
hystax ibmcloud ibm_platform iconfinder iexapis iexcloud imagekit imagga impala inflection influxdb infracost infura
insightly instabot instacart instagram instamojo intercom interseller intra42 intrinio invoiceocean ip2location ipapi ipdata
ipgeolocation ipifi ipinfo ipinfodb ipquality ipregistry ipstack iterable jenkins jetbrains jfrog jira jotform jumpcloud jumpseller
jupiterone juro kairos kaleido kanban karmacrm keen keycdn keygen kickbox kinde klaviyo klipfolio knapsackpro kontent kraken
kucoin kylas laceworks lalal lambdatest langchain langfuse langsmith languagelayer languagetool lastfm launchdarkly ldap leadfeeder lemlist
lemonsqueezy lendflow lexigram linear linkedin linkpreview linenotify linode lithic liveagent livekit livestorm loadmill localytics logdna
loggly loginradius logzio logz lokalise loops loyverse luno lunchmoney m3o macaddress madkudu magicbell magnetic mailboxlayer
mailbox mailchimp mailersend mailerlite mailgun mailjet mailmodo mailosaur mailsac mailtrap mandrill mapbox mapquest marketo marketstack
mattermost mavenlink maxmind mcafee mediastack meaningcloud meilisearch meistertask meraki mercadopago mercury mesibo messagebird metabase
metaapi metrilo microcmd midise millionverifier mindmeister miro mistral mite mixmax mixpanel mockaroo moderation mojohelpdesk mollie momentum monday
mongodb moonclerk monkeylearn moosend moralis mrticktock mux myexperiment myfreshworks myintervals mystripe nasdaq neonapi
netcore netcore_api netlify netsuite neutrino newrelic new_relic newsapi newscatcher nexmo nftport ngc ngrok nicereply nimble nitro noaa
northflank noticeable notion novita nozbe npm_token nugetapi nuget numverify nutritionix nvapi nvidia nylas nytimes oanda
ocrspace okta omnisend oneall onedesk onelogin onepagecrm onesignal onfleet onwaterio oopspam openai opencagedata
opencage opencorporates opengraphr openrouter openuv openvpn openweather owm pyowm openexchange opsgenie optidash optimizely oracle overloop owlbot packagecloud
paddle pagerduty pandadoc pandascore paperform paralleldots paradex pareteum parseur parsehub partnerstack passbase pastebin
paydirtapp paymoapp paymongo paypal paystack paytm payu pdflayer pdfshift pendo peopledatalabs pepipost perplexity persona
phantombuster phpstan pinata pinecone pingdom pinterest pipedream pipedrive pivotaltracker pixabay plaid planetscale planviewleankit
planyo plivo podio pollsapi polygonio portainer portkey positionstack postageapp postbacks posthog postman postmark
powerbi powrbot predibase prefect prisma prodpad prospectcrm protocolsio proxycrawl pubnub pulumi purestake pushbullet
pushover pushwoosh pusher qase qdrant qualaroo qubole quickbase quickbooks quicknode qualtrics ramp rapidapi rapyd rawg razorpay reachmail readme
rebrandly recaptcha recharge redash reddit redislabs rechargepayments refiner render_api rentman replicate replyio requestfinance
resend restpack retellai revampcrm revenuecat rev_ai ringcentral ritekit roaring robinhood roboflow rocketchat rocketreach rockset rollbar
roninapp route4me rownd rubygems runpod runscope runway salesblink salescookie salesflare salesforce salesloft salesmate sambanova satismeter
saucelabs scaleway scalr scrapeowl scraperapi scraperbox scrapersite scrapestack scrapfly scrapingant scrapingbee
scrapingdog screenshotapi screenshotlayer scrutinizer sdkapp securitytrails segment selectpdf semantria sendbird sendgrid sendinblue sendpulse
sendoutcards sentry serpapi serphouse serpstack serveravatar sevenpace sheety sherpadesk shipday shipengine shippo shipstation shodan
shopify shopware shortcut shotstack shutterstock signable signalwire signaturit signupgenius signwell sigopt silverstripe simfin
simplesat simplybook simplynoted simvoly sinch siteleaf skrapp skybiometry slack smartling smartsheet smartsheets smartystreets smooch snipcart
snowflake snyk socialblade socialmediaai sonarcloud sonarqube sonar_api sourcegraph sparkpost speechmatics speechtextai speechtext splunk spoonacular sportradar
sportsmonk spotify squareup squarespace sslmate stabilityai stackhawk statuscake statuspage statuspal stitchdata stockdata
storecove stormboard stormglass storyblok storychief strapi strava streak stripe stripo stytch sugester sumologic supabase superset
supernotes surge surveyanyplace surveybot surveymonkey surveysparrow survicate swell swiftype symbl synapse sysdig
tableau tallyfy tatum tatumio taxjar teachable teamgate teamviewer teamwork teamworkcrm teamworkdesk teamworkspaces
technicalanalysisapi tefter telegram teletype telesign telnyx tencent terraform text2data textmagic thehive the-odds-api theoddsapi thingsboard
thinkific thousandeyes ticketmaster tickettailor tickspot tiingo timecamp timezoneapi tineswebhook tmetric todoist toggl
togetherai tokeet tomorrowio tomtom tplink tradier transferwise travelpayouts travis_ci travisci travis trello trufflehog turbot twelvedata twelvelabs twilio
twist twitch twitter tyntec typeform typesense typetalk ubidots uclassify unify unleash unplu unplugg unsplash
upcdatabase uplead uploadcare uploadio upstash upstox uptimerobot uptrends upwave urlscan userflow userstack vagrant vatlayer vbout veevavault
vercel verifier verimail veriphone versioneye viewneo virustotal visualcrossing voiceflow voicegain volcengine voodoosms vonage vouchery
vpnapi vultr vyte walkscore wandb weaviate weatherapi weatherbit weatherstack web3storage webex webflow webscraper webscraping
wepay whereby whoisxml whoxy winston wistia wit_ai woocommerce wordpress workday workos worksnaps workstack worldcoinindex worldweather
wrike xai_api xero yandex yelp youneedabudget yousign youtube ynab zapier zeit zendesk zenkit zenkitapi zenrows
adyen akamai authress binance bintray bitstamp bittrex bybit chargebee checkmarx clojars codeship cyberark dashlane deepsource
definednetworking deribit duffel eloqua freemius fusionauth gemfury gorgias hotjar huobi klarna lastpass lightstep
namecheap newyorktimes nordigen octopusdeploy opensea openshift pardot privateai rapid7 recurly sailthru scalingo settlemint
sidekiq sonatype soundcloud tailscale thycotic transifex veracode worldpay yodlee
zenscrape zenserp zeplin zerobounce zeroheight zerotier zhipuai zillow zipapi zipbooks zipcodeapi zipcodebase zoho zohocrm zonka zonkafeedback zoominfo zulipchat
`;

/** Names that are words, parts of words or everywhere in code: the value must follow a word such as key or token. */
const COMMON = `
dd_ dd- pd_ semaphore
anvil aws azure basecamp blaze box branch bolt braid brave buffer buddy canny canva caflo chart chat
cicd clay coda column comet confluence cube daily data.gov databend django dnb drift envoy ditto dotenv
elk everly firebase flat float front ftp gcp geo ghost gmail guardian halo heap ibm iron karma less level lever
line lob logs magnet mail maven matrix metrics mode moon mqtt mysql nats neon nginx ntfy odoo outlook
pepper phone plunk podcast polygon postgres post pretty privacy prospect protocols pubsub quip quay raven redis relay
rev rocket rudder sage sanity sauce screen send serp smtp solr spark square stack
sumo svix tavily teams temporal tly tray udemy vault vimeo wave web3 wiki
ably argocd bunny chroma cisco consul crisp drone duo fossa gandi gemini genius harbor ionos looker mend nexus nomad
octopus okx ovh phrase prismic sonar stability tink
wise xata xai yahoo yammer zilliz zoom exa jina voyage kafka firecrawl tines pingcode lark feishu dingtalk wechat
`;

/** What a word before a value must say for the value to be a secret. */
const CREDENTIAL =
  /secret|private|access|key|token|passw|pwd|auth|bearer|credential|(?<![a-z])pat(?![a-z])|(?<![a-z])pass(?![a-z])|(?<![a-z])tok(?![a-z])|(?<![a-z])tkn(?![a-z])|(?<![a-z])dsn(?![a-z])|license/i;
/** And what it must not say last: the value is then a name of something, an address, a digest. */
const NOT_ITSELF =
  /^(?:ids?|arn|names?|url|uri|endpoint|host|path|file|dir|type|version|hash|sha\d*|md5|digest|checksum|fingerprint|integrity|thumbprint|public|pub|publishable|etag|region|bucket|email|user|username|account|project|tenant|subscription|resource|instance|index|alias|policy|role|scope|state|status|format|size|length|count|label|title|description)$/i;
const FOLLOWING = /^(?:secret|private|access|key|token|pass|auth|api(?!s)|client|app)/i;
/** A line that says what follows and ends before saying it. */
const ONLY_WORDS = /^(?:[\s_-]*(?:secret|private|access|api|auth|key|token))*\s*$/i;
/** What may stand between a name and a value that follows it directly. */
const DIRECTLY = /^["'`\]]*(?:\s*(?:=>|:=|[=:(,])|\s)\s*["'`]*$|^-$|^ [a-z] $/;
/** Words glued to the front of a value: `SECRET-123…`, `access-token-abc…`, `key.access.12…`. */
const GLUED =
  /^\d{0,3}(?:[_.-]*(?:api|app|rest|access|private|secret|client|auth|personal|bearer|keys?|token|pat|tok|code|oauth|live|prod))+(?:[A-Za-z]{0,12}[_.-]+|(?=\d)|_[A-Z]-)/i;
const RUN = /[A-Za-z0-9][A-Za-z0-9_\-.+/~%!$]*={0,3}/g;
/** A value is looked for this far behind the name, and read this far. */
const NEAR = 72;
const LONGEST = 1_500;
/** Widths that providers without a mark choose; a value of another width behind a plain word is left alone. */
const SHORT = /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_-]{8,15}$/;
const LOOSE_UUID = /^[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{10,14}$/i;
/** Providers whose secrets are UUIDs; behind another name a UUID names something. */
const UUID_SECRETS = new Set(
  `adzuna buildkite kucoin codecov docusign finicity heroku hubspot launchdarkly mailsac messagebird postmark rollbar scaleway
  sendbird snyk squarespace travisci wakatime zendesk chartmogul honeybadger`.split(/\s+/),
);

/** Everything that these keep has a UUID, their names stand everywhere, and their secrets have forms of their own. */
const CLOUDS = new Set(
  'aws azure google gcp firebase ibm ibmcloud vault aliyun alibaba terraform docker github'.split(' '),
);

const [PLUS, SLASH, AT] = [43, 47, 64];

function reader(distinct: boolean): (text: string, start: number, end: number) => Reading | null {
  return (text, start, end) => {
    const before = text.charCodeAt(start - 1);
    if (isLetter(before) && !(isLower(before) && isUpper(text.charCodeAt(start)))) return null;
    // A path, a host, a package or a piece of encoded text.
    if (before === SLASH || before === AT) return null;
    if (end - start <= 4 && (isLetter(before) || isDigit(before) || before === PLUS)) return null;
    const run = runBefore(text, start);
    if (run.includes('://') || run.startsWith('arn:') || /^\.{0,2}\//.test(run)) return { resume: end };
    // `boxes` is no box; `boxKey`, `BOX_KEY` and `BOXSECRET` are.
    if (isLower(text.charCodeAt(end)) && !FOLLOWING.test(text.slice(end, end + 8))) {
      if (!distinct || !/^[a-z]{1,8}\s*[\s=:]/.test(text.slice(end, end + 12))) return null;
    }
    const near = nearby(text, end, distinct);
    // The name of a host, not of a key.
    if (/^\.(?:com|io|net|org|dev|ai|co|cloud|app|us|eu|in|sh|me)\b/.test(near)) return { resume: end };
    const name = text.slice(start, end).toLowerCase();
    const provider: Provider = { distinct, uuids: UUID_SECRETS.has(name), cloud: CLOUDS.has(name) };
    const candidate = valueNear(text, end, near, provider);
    return candidate === null ? { resume: end } : { resume: candidate.end, candidate };
  };
}

interface Provider {
  readonly distinct: boolean;
  /** Its secrets are UUIDs. */
  readonly uuids: boolean;
  /** It gives UUIDs to everything that it keeps. */
  readonly cloud: boolean;
}

/** The first run of characters in `near`, which begins at `end`, that is a secret of the provider. */
function valueNear(text: string, end: number, near: string, provider: Provider): Candidate | null {
  let named = false;
  let tries = 0;
  for (const run of near.matchAll(RUN)) {
    const at = end + run.index;
    let width = run[0].length;
    if (run.index + width === near.length) width = extent(text, at);
    const whole = text.slice(at, at + width).replace(/(?<![.!-])[.!-]+$/, '');
    const glued = GLUED.exec(whole)?.[0] ?? '';
    const lead = run.index === 0 && glued === '' ? '' : glued;
    named ||= CREDENTIAL.test(lead);
    const value = whole.slice(lead.length);
    const front = near.slice(0, run.index);
    const assigned = /[=:>(,]\s*["'`\\]*$/.test(text.slice(Math.max(end, at - 8), at)) && lead === '';
    if (
      named ||
      (provider.distinct && tries === 0 && DIRECTLY.test(front.replace(/^[a-z]{1,8}(?=[\s=:])/, '')))
    ) {
      const how: Stand = { named, assigned, joined: front === '-' };
      const confidence = isAddress(front) ? null : fits(value, how, provider);
      const from = at + lead.length;
      if (confidence !== null) return { start: from, end: from + value.length, confidence };
    }
    named = namesSecret(whole, named);
    // A letter between, or the end of the provider's name, is not yet another word.
    if (run.index > 0 ? whole.length > 1 : !/^[a-z]+$/.test(whole)) tries++;
    if (tries > 6 || whole.length > 40) return null;
  }
  return null;
}

/** Whether a secret may follow, now that this word was read. */
function namesSecret(word: string, named: boolean): boolean {
  const last = /[A-Z]?[a-z\d]+$|[A-Z\d]+$/.exec(word)?.[0] ?? '';
  if (NOT_ITSELF.test(last) || (/token/i.test(last) && isFlowToken(word))) return false;
  return named || CREDENTIAL.test(word);
}

/** A path, a domain, a resource's name or an archive's digest is not behind the name but part of an address. */
function isAddress(front: string): boolean {
  return /public|publishable|\bh1:$|\barn:|[/@#]$|:\/\/\S*$|[?&]\w+=\S*[/:]\S*$/i.test(front);
}

/** How a value stands behind the name of its provider. */
interface Stand {
  /** A word such as key or token stands between. */
  readonly named: boolean;
  /** An operator, a bracket or a comma stands right before it. */
  readonly assigned: boolean;
  /** A dash alone stands between. */
  readonly joined: boolean;
}

function fits(value: string, { named, assigned, joined }: Stand, provider: Provider): Confidence | null {
  const digits = value.match(/\d/g)?.length ?? 0;
  if (
    value.length < 8 ||
    isReference(value) ||
    isPlaceholder(value) ||
    // The name of a variable: `secrets.UV_TEST_TOKEN`.
    (digits < 3 && /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value)) ||
    /^v\d+\.\d+\.\d/.test(value) ||
    (/^(?=.{1,40}$)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/.test(value) && digits < 8) ||
    /\.(?:js|ts|css|html?|json|png|svg|com|io|org|net|md|py|go|rb|whl|zip|gz)$/.test(value)
  )
    return null;
  const words = wordShare(value);
  if (!named) {
    // In the name of a resource or an image, not behind the name of a provider.
    if (joined && (provider.cloud || /^\d{8}/.test(value))) return null;
    const random =
      value.length >= 20 && /\d/.test(value) && /[A-Za-z]/.test(value) ? randomness(value) : null;
    return random !== null || (LOOSE_UUID.test(value) && provider.uuids) ? 'low' : null;
  }
  if (LOOSE_UUID.test(value)) {
    if (provider.cloud) return null;
    return provider.uuids && assigned && !isExample(value) ? 'medium' : 'low';
  }
  const judged = judge(value, 'token');
  if (judged !== null) return judged;
  if (words >= 0.45 || /[/%]/.test(value)) return null;
  if (
    /^[A-Za-z0-9]{20,}$/.test(value) &&
    new Set(value).size >= 6 &&
    (/\d|^[a-f]+$/.test(value) || (assigned && /[a-z][A-Z].*[A-Z][a-z]/.test(value)))
  ) {
    return 'low';
  }
  return SHORT.test(value) && digits >= 2 && (assigned || (value.length >= 12 && digits >= 3)) ? 'low' : null;
}

/** What stands behind the name on its line, or on the next where this one ends with a continuation. */
function nearby(text: string, end: number, distinct: boolean): string {
  const near = text.slice(end, end + NEAR);
  const stop = near.indexOf('\n');
  if (stop === -1) return near;
  const first = near.slice(0, stop);
  const only = distinct && ONLY_WORDS.test(first);
  if (!/[\\:=(]\s*$/.test(first) && !only) return first;
  let second = near.indexOf('\n', stop + 1);
  // The word may have a line of its own as well.
  if (only && second !== -1 && ONLY_WORDS.test(near.slice(stop, second)))
    second = near.indexOf('\n', second + 1);
  return second === -1 ? near : near.slice(0, second);
}

function extent(text: string, start: number): number {
  const stretch = text.slice(start, start + LONGEST);
  return /^[A-Za-z0-9_\-.+/~%!$]+={0,3}/.exec(stretch)?.[0].length ?? 0;
}

function providers(list: string, read: ReadingDetector['read'], title: string): Detector[] {
  const keywords = new Map<string, string[]>();
  for (const name of new Set(list.split(/\s+/).filter((word) => word !== ''))) {
    const id = `named-${name.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}`;
    keywords.set(id, [...(keywords.get(id) ?? []), name]);
  }
  return [...keywords].map(([id, names]) => ({
    id,
    title,
    keywords: names,
    confidence: 'medium',
    generic: true,
    read,
  }));
}

export const PROVIDERS: readonly Detector[] = [
  ...providers(DISTINCT, reader(true), 'Key behind the name of a provider'),
  ...providers(COMMON, reader(false), 'Key behind a name that is also a word'),
];
