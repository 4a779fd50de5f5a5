export { HttpEdgeModule } from './http-edge.module.ts';
export { type HttpConfig, httpConfig } from './http.config.ts';
export { buildOpenApi } from './openapi/build-openapi.ts';
