// Starts the SDK of OpenTelemetry before callmask: see docs/traces.md. It takes its settings from variables that begin with OTEL_.
import { NodeSDK } from '@opentelemetry/sdk-node'

new NodeSDK().start()
