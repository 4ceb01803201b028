# The card process: its own rooms of the program, its three packages with what they need, and nothing
# else. No configuration, no command line of Tokenline, no YAML: its settings are a document that
# "tokenline card-settings" of the bridge's image writes. From the root of the repository:
#   docker build -f deploy/docker/tokenizer.Dockerfile -t tokenline-tokenizer:0.1.0 .
#
# glibc, because MALLOC_PERTURB_ is glibc's (SECURITY.md, "The card process").
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY genesys ./genesys
COPY src ./src
RUN npm run build

FROM node:${NODE_VERSION}-bookworm-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:${NODE_VERSION}-bookworm-slim
# Neither npm nor yarn has anything to do here.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn-* \
  /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /opt/tokenline
COPY package.json LICENSE ./
COPY --from=packages /packages/node_modules/typebox ./node_modules/typebox
COPY --from=packages /packages/node_modules/jose ./node_modules/jose
COPY --from=packages /packages/node_modules/prom-client ./node_modules/prom-client
COPY --from=packages /packages/node_modules/tdigest ./node_modules/tdigest
COPY --from=packages /packages/node_modules/bintrees ./node_modules/bintrees
COPY --from=packages /packages/node_modules/@opentelemetry/api ./node_modules/@opentelemetry/api
COPY --from=build /build/dist/card ./dist/card
COPY --from=build /build/dist/contract ./dist/contract
COPY --from=build /build/dist/gateway ./dist/gateway
COPY --from=build /build/dist/payment ./dist/payment
COPY --from=build /build/dist/resilience ./dist/resilience
COPY --from=build /build/dist/system ./dist/system
COPY --from=build /build/dist/tokenizer ./dist/tokenizer
COPY --from=build /build/dist/cli/tokenizer-process.js ./dist/cli/tokenizer-process.js
COPY --from=build /build/dist/cli/probe-process.js ./dist/cli/probe-process.js
ENV MALLOC_PERTURB_=165 TZ=UTC LANG=C.UTF-8
USER 1000:1000
EXPOSE 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "/opt/tokenline/dist/cli/probe-process.js", "8081", "/readyz"]
# The shell forbids core files, opens the settings as standard input, and is gone: an orchestrator
# such as Kubernetes has no setting for the first.
ENTRYPOINT ["/bin/sh", "-c", "ulimit -c 0; exec node /opt/tokenline/dist/cli/tokenizer-process.js < \"$0\""]
CMD ["/run/settings/tokenizer.json"]
