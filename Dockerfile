# To pin the image that this builds on, add its digest behind the tag in both places: node:24-slim@sha256:…
# `docker buildx imagetools inspect node:24-slim` shows it.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src src
COPY plugins plugins
COPY routes routes
COPY console console
RUN npm run build && npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY console/assets console/assets
# What `callmask init` fills in.
COPY .env.example ./
# For STORE_URL=file:/var/lib/callmask: a new volume there is the user's own.
RUN install -d -o node -g node -m 700 /var/lib/callmask
USER node
EXPOSE 8001 8002
HEALTHCHECK --interval=10s --timeout=2s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8001}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/server.js"]
