# The softphone, which plays the flows. Sandbox only; never in production. From the root of the repository:
#   docker build -f deploy/docker/line.Dockerfile -t tokenline-line:0.1.0 .
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
ENV NODE_ENV=production
WORKDIR /opt/tokenline
COPY package.json LICENSE ./
COPY genesys ./genesys
COPY --from=packages /packages/node_modules ./node_modules
COPY --from=build /build/dist ./dist
# A directory of its own, so that a tmpfs or a volume mounted there belongs to the user.
RUN install -d -m 0700 -o 1000 -g 1000 /run/tokenline
ENV TOKENLINE_DATA=/run/tokenline
USER 1000:1000
EXPOSE 8083
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "/opt/tokenline/dist/cli/probe-process.js", "8083", "/healthz"]
ENTRYPOINT ["node", "/opt/tokenline/dist/cli/main.js"]
CMD ["serve", "--role", "line"]
