import { Injectable } from '@nestjs/common';
import { OPERATIONS, type Operation } from '@veche/contracts';
import { OperationRunner } from '@veche/edge-realtime';
import { type Answer, type HttpController, type HttpRequest, type HttpRoute, json } from '../server/route.ts';
import { Visitors } from '../server/visitors.ts';
import { paramsOf } from './operation-params.rules.ts';

/** The operation table as REST: a row there is a route here, and nothing else has to be written for it. */
@Injectable()
export class OperationsController implements HttpController {
  constructor(
    private readonly runner: OperationRunner,
    private readonly visitors: Visitors,
  ) {}

  routes(): readonly HttpRoute[] {
    return Object.entries(OPERATIONS).map(([name, operation]) => ({
      verb: operation.route.verb,
      path: operation.route.path,
      handle: (request) => this.run(name, operation, request),
    }));
  }

  private async run(name: string, operation: Operation, request: HttpRequest): Promise<Answer> {
    const { user } = await this.visitors.admit(request);
    const result = await this.runner.run(name, paramsOf(operation, request), { user, client: '' });
    return json(result, operation.route.status);
  }
}
