# One image with every app; the command says which: node apps/chat/dist/main.js
FROM node:24-bookworm AS build
WORKDIR /src
COPY . .
# `npm ci` would stop at a lockfile that was made on a platform with other optional binaries.
RUN npm install --no-save --no-audit --no-fund --loglevel=error && npm run build \
  # What stays: manifests, what was built, and no source.
  && find apps libs -type d \( -name src -o -name tests -o -name node_modules -o -name native \) -not -path '*/dist/*' -prune -exec rm -rf {} + \
  && rm -rf node_modules apps/e2e libs/testing

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY --from=build /src/package.json /src/package-lock.json ./
COPY --from=build /src/apps ./apps
COPY --from=build /src/libs ./libs
RUN npm install --no-save --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
  -w @veche/api -w @veche/websocket -w @veche/sse -w @veche/auth -w @veche/chat -w @veche/notification \
  -w @veche/standalone -w @veche/migrate -w @veche/cli

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    VECHE_HOST=0.0.0.0 \
    HTTP_STATIC_DIR=/app/apps/console/dist
WORKDIR /app
COPY --from=packages /app ./
USER node
# 8000: doors of an edge. 8001: health and metrics of every process.
EXPOSE 8000 8001
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=8"]
CMD ["apps/standalone/dist/main.js"]
