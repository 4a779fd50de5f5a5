import { Injectable } from '@nestjs/common';
import { type HttpController, type HttpRoute, json } from '../server/route.ts';
import { buildOpenApi } from './build-openapi.ts';

/** Serves the description of the API. */
@Injectable()
export class OpenApiController implements HttpController {
  private readonly document = buildOpenApi();

  routes(): readonly HttpRoute[] {
    return [{ verb: 'GET', path: '/openapi.json', handle: () => json(this.document, 200, { 'Cache-Control': 'public, max-age=300' }) }];
  }
}
