import { Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { HttpTelemetry } from '../http.telemetry.ts';
import { MalformedBody } from './api-error.ts';
import { API_PARAMS, type ApiMethod, type ParamsOf } from './api.schemas.ts';
import { Observation } from './observation.ts';
import { Publishing } from './publishing.ts';
import { membersOf } from './raw-json.rules.ts';
import { Steering } from './steering.ts';

/** One call of one method: its parameters as text, and whose key it came with. */
export interface ApiCall {
  readonly params: string;
  /** `api:<name of the key>` */
  readonly actor: string;
}

type Run<M extends ApiMethod> = (params: ParamsOf<M>, call: ApiCall) => string | Promise<string>;

/** The methods of the server API, by name. Results are JSON text, so that publications keep their bytes. */
@Injectable()
export class ApiMethods {
  private readonly methods: { readonly [M in ApiMethod]: Run<M> };

  constructor(publishing: Publishing, steering: Steering, observation: Observation, telemetry: HttpTelemetry) {
    const onFailure = (error: unknown): void => telemetry.failed('/api', error);
    this.methods = {
      publish: async (params, { params: text, actor }) => JSON.stringify(await publishing.publish(params, membersOf(text).get('data'), actor)),
      broadcast: async (params, { params: text, actor }) => JSON.stringify(await publishing.broadcast(params, membersOf(text).get('data'), actor, onFailure)),
      subscribe: (params) => done(steering.subscribe(params)),
      unsubscribe: (params) => done(steering.unsubscribe(params)),
      disconnect: (params) => done(steering.disconnect(params)),
      refresh: (params) => done(steering.refresh(params)),
      presence: (params) => observation.presence(params),
      presence_stats: (params) => observation.presenceStats(params),
      history: (params) => observation.history(params),
      history_remove: () => unserved('history is not removed: events of a channel with retention go by themselves'),
      channels: (params) => observation.channels(params),
      info: () => observation.info(),
      connections: (params) => observation.connections(params),
      rpc: () => unserved('rpc of backends is not served'),
    };
  }

  /** @returns JSON text of the result. @throws VecheError what the method refuses with; MalformedBody a parameter of the wrong type */
  async run<M extends ApiMethod>(method: M, call: ApiCall): Promise<string> {
    return this.methods[method](readParams(method, call.params), call);
  }
}

/** @throws MalformedBody */
export function readParams<M extends ApiMethod>(method: M, text: string): ParamsOf<M> {
  const params = API_PARAMS[method].safeParse(JSON.parse(text));
  if (params.success) return params.data as ParamsOf<M>;
  const [issue] = params.error.issues;
  throw new MalformedBody(`${method}: ${issue?.path.join('.')} ${issue?.message}`);
}

const done = (work: Promise<void>): Promise<string> => work.then(() => '{}');

function unserved(message: string): never {
  throw new VecheError('not_available', message);
}
