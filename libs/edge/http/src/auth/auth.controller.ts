import { Inject, Injectable } from '@nestjs/common';
import { EndSession, IssueTicket, IssueToken, ListKeys, RefreshToken, RegisterUser, type RequestContract, type Tokens } from '@veche/contracts';
import { addressOf, bearerOf, type DoorsConfig, doorsConfig, parseParams, UserDirectory } from '@veche/edge-realtime';
import { ask, REQUEST_BUS, type RequestBus } from '@veche/platform-messaging';
import { objectBody } from '../server/body.rules.ts';
import { type Answer, type HttpController, type HttpRequest, type HttpRoute, json } from '../server/route.ts';
import { Visitors } from '../server/visitors.ts';
import { AUTH_BODIES } from './auth.schemas.ts';

/** Seconds that a key set may be cached: well below the time that a new key is published before its first use. */
const JWKS_MAX_AGE_S = 300;

/** Sign-up, sign-in and what belongs to it. Decides nothing: the auth service does. */
@Injectable()
export class AuthController implements HttpController {
  constructor(
    @Inject(REQUEST_BUS) private readonly requests: RequestBus,
    private readonly visitors: Visitors,
    private readonly users: UserDirectory,
    @Inject(doorsConfig.token) private readonly config: DoorsConfig,
  ) {}

  routes(): readonly HttpRoute[] {
    return [
      { verb: 'POST', path: '/auth/register', handle: (request) => this.signIn(RegisterUser, AUTH_BODIES.register, request, 201) },
      { verb: 'POST', path: '/auth/token', handle: (request) => this.signIn(IssueToken, AUTH_BODIES.token, request, 200) },
      {
        verb: 'POST',
        path: '/auth/refresh',
        handle: async (request) => json(await ask(this.requests, RefreshToken, parseParams(AUTH_BODIES.refresh, objectBody(request)))),
      },
      {
        verb: 'POST',
        path: '/auth/logout',
        handle: async (request) => json(await ask(this.requests, EndSession, parseParams(AUTH_BODIES.logout, objectBody(request)))),
      },
      { verb: 'POST', path: '/auth/ticket', handle: (request) => this.ticket(request) },
      { verb: 'GET', path: '/auth/me', handle: (request) => this.me(request) },
      { verb: 'GET', path: '/.well-known/jwks.json', handle: () => this.keys() },
    ];
  }

  private async signIn(
    contract: RequestContract<typeof RegisterUser.schema, Tokens> | RequestContract<typeof IssueToken.schema, Tokens>,
    body: (typeof AUTH_BODIES)['register' | 'token'],
    request: HttpRequest,
    status: number,
  ): Promise<Answer> {
    const address = addressOf(request.raw, this.config.HTTP_TRUSTED_PROXIES);
    return json(await this.requests.ask(contract.kind, { ...parseParams(body, objectBody(request)), address }), status);
  }

  private async ticket(request: HttpRequest): Promise<Answer> {
    await this.visitors.admit(request);
    const { origin } = request.headers;
    return json(await ask(this.requests, IssueTicket, { token: bearerOf(request.raw) ?? '', ...(origin !== undefined && { origin }) }));
  }

  private async me(request: HttpRequest): Promise<Answer> {
    const { user, name } = await this.visitors.admit(request);
    const known = (await this.users.named([user])).get(user);
    // A user of another issuer is known by the token alone, also when somebody here has that id for a login.
    return json(known?.id === user ? known : { id: user, login: null, name: name ?? null });
  }

  private async keys(): Promise<Answer> {
    const { keys } = await ask(this.requests, ListKeys, {});
    return json({ keys }, 200, { 'Cache-Control': `public, max-age=${JWKS_MAX_AGE_S}`, 'Content-Type': 'application/jwk-set+json' });
  }
}
