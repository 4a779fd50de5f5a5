import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { RequestLimit } from '@veche/edge-realtime';
import { ApiController } from './api/api.controller.ts';
import { ApiMethods } from './api/api-methods.ts';
import { Observation } from './api/observation.ts';
import { Publishing } from './api/publishing.ts';
import { Steering } from './api/steering.ts';
import { AuthController } from './auth/auth.controller.ts';
import { FilesController } from './files/files.controller.ts';
import { HttpTelemetry } from './http.telemetry.ts';
import { OpenApiController } from './openapi/openapi.controller.ts';
import { OperationsController } from './rest/operations.controller.ts';
import { ErrorFilter } from './server/error.filter.ts';
import { CONTROLLERS, HttpServer } from './server/http-server.ts';
import type { HttpController } from './server/route.ts';
import { Visitors } from './server/visitors.ts';

const controllers = [AuthController, OperationsController, ApiController, OpenApiController, FilesController];

/** REST for people, the API for backends, the description of both, and a built page. What sessions share is global: RealtimeModule. */
@Module({
  providers: [
    HttpServer,
    HttpTelemetry,
    RequestLimit,
    Visitors,
    ApiMethods,
    Publishing,
    Steering,
    Observation,
    ...controllers,
    { provide: CONTROLLERS, inject: controllers, useFactory: (...all: HttpController[]) => all },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
export class HttpEdgeModule {}
