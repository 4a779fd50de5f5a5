/** Fields whose values never reach a log, whoever logs them, at the top or one level down. */
const SECRETS = ['authorization', 'cookie', 'password', 'secret', 'token', 'refresh_token', 'access_token', 'api_key', 'ticket'] as const;

export const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`]);

const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
const CREDENTIAL = /\b(Bearer|apikey)\s+[\w.~+/=-]+/gi;
const URL_SECRET = /([?&](?:token|access_token|ticket|api_key)=)[^&\s"]+/gi;
/** Up to the last @ of the host's part: a password may hold one that nobody has escaped. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^:/\s@]*:)[^\s/",]+@/gi;

/** Takes credentials out of free text: messages of errors quote URLs and headers. */
export const withoutCredentials = (text: string): string =>
  text.replace(JWT, '[token]').replace(CREDENTIAL, '$1 [credential]').replace(URL_SECRET, '$1[credential]').replace(URL_PASSWORD, '$1[password]@');
