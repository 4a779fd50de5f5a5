/** The same document that the server answers on /openapi.json. */
export async function openApiFile(): Promise<string> {
  const { buildOpenApi } = await import('@veche/edge-http');
  const lines = JSON.stringify(buildOpenApi(), null, 2).slice(2);
  return `{ "x-generated-by": "npm run generate (tools/generate/openapi.ts), from the schemas of libs/contracts and libs/edge/http",\n${lines}\n`;
}
