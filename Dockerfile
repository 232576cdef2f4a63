# langop alone, for pipelines that run in a cluster. The context is what `.ci/release` makes:
#
#   .ci/release && docker buildx build --platform linux/amd64,linux/arm64 --file Dockerfile target/dist
FROM scratch
ARG TARGETARCH
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY langop-linux-${TARGETARCH} /langop
# Nobody, as a number: `runAsNonRoot` asks for one, and there is no file of users.
USER 65534:65534
WORKDIR /work
ENTRYPOINT ["/langop"]
