import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { ApiKeys, jsonTextOf } from '@veche/edge-realtime';
import { HttpTelemetry } from '../http.telemetry.ts';
import { type Answer, type HttpController, type HttpRequest, type HttpRoute, PRIVATE } from '../server/route.ts';
import { apiError, MalformedBody } from './api-error.ts';
import { ApiMethods, readParams } from './api-methods.ts';
import { API_PARAMS, type ApiMethod, BATCH, isApiMethod, LEGACY_COMMAND } from './api.schemas.ts';
import { elementsOf, membersOf } from './raw-json.rules.ts';

const HEADERS = { ...PRIVATE, 'Content-Type': 'application/json' } as const;
const METHODS = Object.keys(API_PARAMS) as ApiMethod[];

/** The API of backends: Centrifugo's, with `X-API-Key` or `Authorization: apikey …`. Errors of a method leave with 200, as there. */
@Injectable()
export class ApiController implements HttpController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly methods: ApiMethods,
    private readonly telemetry: HttpTelemetry,
  ) {}

  routes(): readonly HttpRoute[] {
    return [
      ...METHODS.map((method): HttpRoute => ({
        verb: 'POST',
        path: `/api/${method}`,
        handle: (request) => this.call(request, (text, actor) => this.reply(method, text, actor)),
      })),
      { verb: 'POST', path: '/api/batch', handle: (request) => this.call(request, (text, actor) => this.batch(text, actor)) },
      { verb: 'POST', path: '/api', handle: (request) => this.call(request, (text, actor) => this.legacy(text, actor)) },
    ];
  }

  /** The media type is not looked at: a key is asked for, and the examples that backends start from send none. */
  private async call({ headers, body }: HttpRequest, run: (text: string, actor: string) => Promise<string>): Promise<Answer> {
    const name = this.keys.nameFromHeaders(headers);
    if (name === undefined) throw new VecheError('unauthorized', 'send a key of AUTH_API_KEYS as X-API-Key');
    const text = body?.length ? jsonTextOf(body) : '';
    if (!text.trim().startsWith('{')) throw new VecheError('bad_request', 'the body must be a JSON object');
    return { status: 200, headers: HEADERS, bytes: await asBadRequest(run(text, `api:${name}`)) };
  }

  private reply(method: ApiMethod, params: string, actor: string): Promise<string> {
    return this.outcome(method, params, actor, 'result').then((fields) => `{${fields}}`);
  }

  /** One after another unless `parallel`: a later command may count on an earlier one. All are read before any is run. */
  private async batch(text: string, actor: string): Promise<string> {
    const { success, data } = BATCH.safeParse(JSON.parse(text));
    if (!success) throw new MalformedBody('batch: commands must be a list of objects');
    const commands = elementsOf(membersOf(text).get('commands') ?? '[]').map(readCommand);
    const runs = commands.map((command) => () => this.inBatch(command, actor));
    const replies = data.parallel ? await Promise.all(runs.map((run) => run())) : await inTurn(runs);
    return `{"replies":[${replies.join(',')}]}`;
  }

  private async inBatch(command: Command | undefined, actor: string): Promise<string> {
    if (!command) return `{"error":${JSON.stringify(this.errorOf(new VecheError('method_not_found')))}}`;
    return `{${await this.outcome(command.method, command.params, actor, command.method)}}`;
  }

  /** `POST /api {"method": …, "params": …}`, as older clients of the API call it. */
  private async legacy(text: string, actor: string): Promise<string> {
    const { success, data } = LEGACY_COMMAND.safeParse(JSON.parse(text));
    if (!success) throw new MalformedBody('give a method and params');
    const id = data.id === undefined ? '' : `"id":${data.id},`;
    if (!isApiMethod(data.method)) return `{${id}"error":${JSON.stringify(this.errorOf(new VecheError('method_not_found')))}}`;
    return `{${id}${await this.outcome(data.method, membersOf(text).get('params') ?? '{}', actor, 'result')}}`;
  }

  /** `"<name>":<result>` or `"error":{…}`. */
  private async outcome(method: ApiMethod, params: string, actor: string, name: string): Promise<string> {
    try {
      return `"${name}":${await this.methods.run(method, { params, actor })}`;
    } catch (error) {
      if (error instanceof MalformedBody) throw error;
      return `"error":${JSON.stringify(this.errorOf(error))}`;
    }
  }

  private errorOf(error: unknown): { readonly code: number; readonly message: string } {
    return apiError(error, (failure) => this.telemetry.failed('/api', failure));
  }
}

interface Command {
  readonly method: ApiMethod;
  readonly params: string;
}

/** `{"<method>": {…}}`; undefined for a method that is not ours. @throws MalformedBody */
function readCommand(text: string): Command | undefined {
  const [name, params] = [...membersOf(text)].find(([method]) => isApiMethod(method)) ?? [];
  if (name === undefined || params === undefined || !isApiMethod(name)) return undefined;
  readParams(name, params);
  return { method: name, params };
}

async function inTurn(commands: readonly (() => Promise<string>)[]): Promise<readonly string[]> {
  const replies: string[] = [];
  for (const run of commands) replies.push(await run());
  return replies;
}

async function asBadRequest(answer: Promise<string>): Promise<string> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof MalformedBody ? new VecheError('bad_request', error.message) : error;
  }
}
