# One recipe for every app. Without arguments one image has them all, and the command says which: node apps/chat/dist/main.js
#   docker build -t veche .                          # what compose.yaml and the charts run
#   docker build -t veche-chat --build-arg APP=chat . # only that app, and it is what the image starts
# How large they are, how fast they start and why one image is the default: docs/images.md
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /src
COPY . .
RUN find apps libs -type f -not -name package.json -delete && find apps libs -type d -empty -delete

FROM ${NODE_IMAGE} AS build
ENV NX_DAEMON=false NX_TUI=false
# For the native send loop.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Apart from the sources, so that a change of these does not install everything again.
COPY package.json package-lock.json ./
COPY --from=manifests /src/apps ./apps
COPY --from=manifests /src/libs ./libs
# `npm ci` would stop at a lockfile that was made on a platform with other optional binaries.
RUN npm install --no-save --no-audit --no-fund --loglevel=error && rm -rf /root/.npm
COPY . .
RUN node_modules/.bin/nx run-many --targets=build --exclude=@veche/e2e --output-style=static && test -s libs/edge/realtime/dist/send-loop.node \
  # What stays: manifests and what was built; no source, no types, no state of the compiler.
  && find apps libs -type d \( -name src -o -name tests -o -name node_modules -o -name native \) -not -path '*/dist/*' -prune -exec rm -rf {} + \
  && find apps libs -type f \( -name '*.d.ts' -o -name '*.tsbuildinfo' -o -name '*.md' -o -name 'tsconfig.json' -o -name '*.config.ts' \) -delete \
  && rm -rf apps/e2e libs/testing

FROM ${NODE_IMAGE} AS packages
# Apps of the image; it starts the first one.
ARG APP="standalone api auth chat cli migrate notification sse websocket"
WORKDIR /out/app
COPY --from=build /src/package.json /src/package-lock.json ./
COPY --from=build /src/apps ./apps
COPY --from=build /src/libs ./libs
RUN npm install --no-save --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error $(printf ' -w apps/%s' $APP) \
  # A third of the packages are types, maps and builds for browsers, which no process ever reads.
  && find node_modules -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -name '*.md' \) -delete \
  && rm -rf node_modules/typeorm/browser node_modules/.package-lock.json package-lock.json \
  && cd apps && for app in *; do case " $APP console " in *" $app "*) ;; *) rm -rf "$app" ;; esac; done && cd .. \
  && echo "import './apps/${APP%% *}/dist/main.js';" > main.js \
  # Equal contents, equal layers: whoever has them does not fetch them again.
  && find . -exec touch --no-dereference --date=@0 {} +

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    VECHE_HOST=0.0.0.0 \
    HTTP_STATIC_DIR=/app/apps/console/dist
# From one folder above, so that /app itself has the time that was given to it.
COPY --from=packages /out /
WORKDIR /app
# A number: a kubelet that wants a user other than root cannot tell from a name. In the Node images it is `node`.
USER 1000
# 8000: doors of an edge. 8001: health and metrics of every process.
EXPOSE 8000 8001
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=8"]
CMD ["main.js"]
