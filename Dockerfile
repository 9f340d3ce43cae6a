# docker build --tag formcheck .
# docker run --rm --network none --volume "$PWD:/data" formcheck analyze my_set.mp4 --lift rdl
FROM python:3.12-slim
# mediapipe and OpenCV are linked against these, screen or not (.ci/system names the same for `run`)
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libegl1 libgles2 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir --constraint constraints.txt . && rm -rf /src
# whoever runs it with --user has no home: caches and settings of libraries go where anybody may write
ENV HOME=/tmp
WORKDIR /data
ENTRYPOINT ["formcheck"]
