#   docker build -t zhengda .
#   docker run --rm -v zhengda-data:/data zhengda zhengda init          an empty knowledge base and its administrator
#   docker run -d -p 8000:8000 -v zhengda-data:/data zhengda            http://127.0.0.1:8000
# or, to look around, in place of the last two:
#   docker run -p 8000:8000 -v zhengda-demo:/data zhengda zhengda serve --host 0.0.0.0 --demo

FROM python:3.12-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1
COPY tools/install.sh tools/python.sh tools/
COPY requirements-build.lock requirements.lock ./
RUN sh tools/install.sh dependencies /opt/zhengda requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY knowledge knowledge
COPY indexer indexer
COPY qa_service qa_service
COPY eval eval
RUN sh tools/install.sh program /opt/zhengda

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home zhengda \
    && install --directory --owner=zhengda /data
COPY --from=build /opt/zhengda /opt/zhengda
ENV PATH=/opt/zhengda/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ZHENGDA_DATA=/data
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["zhengda", "serve", "--host", "0.0.0.0"]
