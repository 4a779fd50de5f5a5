import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { type DoorsConfig, doorsConfig, errorAnswer, knownError } from '@veche/edge-realtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpTelemetry } from '../http.telemetry.ts';
import { corsHeaders, SECURITY } from './cors.rules.ts';

/** Gives what fails outside our routes – an address that does not exist, above all – the same form. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(doorsConfig.token) private readonly config: DoorsConfig,
    private readonly telemetry: HttpTelemetry,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    // Filters of the application see failures of bus handlers too; those are answered by the bus.
    if (host.getType() !== 'http') throw thrown;
    const [request, reply] = [host.switchToHttp().getRequest<FastifyRequest>(), host.switchToHttp().getResponse<FastifyReply>()];
    if (!knownError(thrown)) this.telemetry.failed(undefined, thrown);
    const { status, headers, body } = errorAnswer(thrown);
    this.telemetry.answered(undefined, status, 0);
    void reply
      .code(status)
      .headers({ ...SECURITY, ...corsHeaders(request.headers.origin, request.headers.host, this.config.HTTP_ALLOWED_ORIGINS), ...headers })
      .send(JSON.stringify(body));
  }
}
