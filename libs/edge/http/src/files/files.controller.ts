import { Inject, Injectable } from '@nestjs/common';
import { VecheError } from '@veche/contracts';
import { type HttpConfig, httpConfig } from '../http.config.ts';
import type { Answer, HttpController, HttpRequest, HttpRoute } from '../server/route.ts';
import { readDirectory, type StaticFile } from './directory.ts';

/** Serves a built page at `/`. Addresses that other controllers have go before it. */
@Injectable()
export class FilesController implements HttpController {
  private readonly files: ReadonlyMap<string, StaticFile>;

  constructor(@Inject(httpConfig.token) { HTTP_STATIC_DIR }: Pick<HttpConfig, 'HTTP_STATIC_DIR'>) {
    this.files = HTTP_STATIC_DIR ? readDirectory(HTTP_STATIC_DIR) : new Map();
  }

  routes(): readonly HttpRoute[] {
    if (!this.files.size) return [];
    return ['/', '/*'].map((path) => ({ verb: 'GET', path, handle: (request) => this.file(request) }));
  }

  private file({ params }: HttpRequest): Answer {
    const file = this.files.get(`/${params['*'] ?? ''}`);
    if (!file) throw new VecheError('not_found', 'no such address; the list is in /openapi.json');
    return { status: 200, headers: file.headers, bytes: file.bytes };
  }
}
