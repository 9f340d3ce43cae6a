"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const video = byId("video");
  const canvas = byId("figure");
  const pen = canvas.getContext("2d");
  const small = document.createElement("canvas"); // the picture as it is sent
  const body = document.body;
  const INK = { near: "#ffffff", far: "#9fb3c8", hip: "#56b4e9", knee: "#e69f00", trunk: "#ee9fc6" };
  const FULL_DEG = { hip: 130, knee: 130, trunk: 100 };
  const MIN_TEMPO_S = 4;
  const PHASES = { looking: "looking", ready: "ready", top: "top", lowering: "down", bottom: "bottom", rising: "up" };
  const QUALITY = 0.7;
  const HEAD_BYTES = 12;
  const SPEAKING = 1;
  const RETRIES_S = [0.5, 1, 2, 4];
  const LOG_LINES = 60;
  const LATE_MS = 500; // from here on a word comes noticeably after the movement
  const MUCH_DROPPED = 0.1;

  let hello = null;
  let socket = null;
  let stream = null;
  let lock = null;
  let running = false;
  let refused = false;
  let failures = 0;
  let facing = "environment";
  let muted = false;
  let speaking = false;
  let silence = 0; // timer that ends `speaking` when the browser forgets to
  let underWay = null; // when the picture that is on its way was taken, ms
  let passed = 0; // pictures of the camera since then
  let lastS = 0;
  let latencyMs = NaN;

  // ---- words ----
  function put(id, text) {
    if (byId(id).textContent !== text) byId(id).textContent = text;
  }

  function complain(text) {
    put("notice", text);
  }

  function speak(say) {
    if (muted || !("speechSynthesis" in window)) return;
    if (say.interrupt) speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(say.text);
    words.lang = "en-US";
    words.rate = 1.1;
    const done = () => {
      clearTimeout(silence);
      speaking = false;
    };
    words.onend = done;
    words.onerror = done;
    speaking = true;
    clearTimeout(silence);
    silence = setTimeout(done, 2000 + 110 * say.text.length);
    speechSynthesis.speak(words);
  }

  function note(said) {
    for (const each of said) {
      const line = document.createElement("li");
      line.textContent = each.text;
      byId("log").prepend(line);
    }
    while (byId("log").childElementCount > LOG_LINES) byId("log").lastElementChild.remove();
  }

  // ---- drawing ----
  function line(points, colour, width) {
    for (const [ink, extra] of [["rgba(0,0,0,0.7)", 3], [colour, 0]]) {
      pen.beginPath();
      pen.lineWidth = width + extra;
      pen.strokeStyle = ink;
      points.forEach((point, at) => (at ? pen.lineTo(...point) : pen.moveTo(...point)));
      pen.stroke();
    }
  }

  /** The picture that was sent, so that the figure lies on the lifter however long the answer took. */
  function drawPicture() {
    if (canvas.width !== small.width * 2 || canvas.height !== small.height * 2) {
      canvas.width = small.width * 2;
      canvas.height = small.height * 2;
    }
    pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  }

  function drawFigure(view) {
    const [width, height] = [canvas.width, canvas.height];
    if (!view.xy_px) return;
    const zoom = width / view.size_px[0];
    const points = view.xy_px.map((point) => point && [point[0] * zoom, point[1] * zoom]);
    const near = view.side || "left";
    const scale = height / 480;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    for (const [name, colour, thick] of [[near === "left" ? "right" : "left", INK.far, 2], [near, INK.near, 4]]) {
      for (const [one, other] of hello.sides[name].limbs) {
        if (points[one] && points[other]) line([points[one], points[other]], colour, thick * scale);
      }
    }
    const joints = hello.sides[near].joints;
    if (view.side) for (const angle of hello.angles) drawAngle(angle, joints, points, scale);
    for (const index of Object.values(joints)) {
      if (!points[index]) continue;
      for (const [radius, ink] of [[6, "#000"], [4, "#fff"]]) {
        pen.beginPath();
        pen.fillStyle = ink;
        pen.arc(...points[index], radius * scale, 0, 7);
        pen.fill();
      }
    }
  }

  function drawAngle(angle, joints, points, scale) {
    const [at, tip] = [points[joints[angle.at]], points[joints[angle.tip]]];
    if (!at || !tip) return;
    const base = angle.base ? points[joints[angle.base]] : [at[0], at[1] + 1];
    if (!base) return;
    const zero = Math.atan2(at[1] - base[1], at[0] - base[0]);
    const end = Math.atan2(tip[1] - at[1], tip[0] - at[0]);
    const turn = Math.atan2(Math.sin(end - zero), Math.cos(end - zero));
    const radius = (angle.base ? 26 : 50) * scale;
    const arc = [];
    for (let step = 0; step <= 16; step += 1) {
      const way = zero + (turn * step) / 16;
      arc.push([at[0] + radius * Math.cos(way), at[1] + radius * Math.sin(way)]);
    }
    line(arc, INK[angle.label], 3 * scale);
  }

  const share = (part) => `${100 * Math.min(Math.max(part, 0), 1)}%`;

  function showNumbers(view) {
    put("reps", String(view.reps));
    byId("reps").classList.toggle("long", view.reps > 9);
    put("phase", PHASES[view.phase] || view.phase);
    for (const name of ["hip", "knee", "trunk"]) {
      const value = view[`${name}_deg`];
      put(name, value === null ? "-" : `${Math.round(value) || 0}°`);
      byId(`${name}-bar`).style.width = value === null ? "0" : share(value / FULL_DEG[name]);
    }
    const [downS, aimS] = [view.eccentric_s, view.target_s];
    const shown = downS === null ? "-" : downS.toFixed(1);
    put("tempo", aimS === null ? `${shown} s` : `${shown} of ${aimS} s`);
    const fullS = Math.max(MIN_TEMPO_S, 1.4 * (aimS || 0), downS || 0);
    byId("tempo-bar").style.width = share((downS || 0) / fullS);
    byId("tempo-aim").hidden = aimS === null;
    if (aimS !== null) byId("tempo-aim").style.left = share(aimS / fullS);
    byId("depth").style.height = view.depth === null ? "0" : share(view.depth / 1.2);
    put("cue", view.cue || "");
    put("guide", view.guide || "");
    put("notice", view.notice || "");
    const late = latencyMs > LATE_MS || view.dropped_share >= MUCH_DROPPED;
    put("machine", late ? "a bit slow: move closer to the Wi-Fi router, or close other programs" : `${Math.round(view.fps)} frames a second`);
    if (view.lift in hello.lifts && byId("lift").value !== view.lift && byId("lift").value !== "auto") byId("lift").value = view.lift;
  }

  // ---- pictures: one under way at a time, the newest next ----
  function send() {
    const takenMs = performance.now();
    const skipped = Math.max(passed - 1, 0);
    underWay = takenMs;
    passed = 0;
    const zoom = Math.min(1, hello.send.side_px / Math.max(video.videoWidth, video.videoHeight));
    small.width = Math.round(video.videoWidth * zoom);
    small.height = Math.round(video.videoHeight * zoom);
    small.getContext("2d").drawImage(video, 0, 0, small.width, small.height);
    const to = socket;
    small.toBlob(
      async (blob) => {
        const jpeg = await blob.arrayBuffer();
        if (to !== socket || to.readyState !== WebSocket.OPEN) return;
        lastS = Math.max(takenMs / 1000, lastS + 0.001);
        const message = new Uint8Array(HEAD_BYTES + jpeg.byteLength);
        const head = new DataView(message.buffer);
        head.setFloat64(0, lastS, true);
        head.setUint16(8, Math.min(skipped, 65535), true);
        head.setUint16(10, speaking ? SPEAKING : 0, true);
        message.set(new Uint8Array(jpeg), HEAD_BYTES);
        to.send(message);
      },
      "image/jpeg",
      QUALITY,
    );
  }

  const maySend = () => running && hello && underWay === null && socket && socket.readyState === WebSocket.OPEN && video.videoWidth > 0;

  function onPicture() {
    if (!running) return;
    passed += 1;
    if (maySend()) send();
    nextPicture();
  }

  function nextPicture() {
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(onPicture);
    else requestAnimationFrame(onPicture);
  }

  // ---- the connection ----
  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}${location.pathname}live${location.search}`);
    const mine = socket;
    put("link", "connecting");
    mine.onmessage = (event) => mine === socket && take(JSON.parse(event.data));
    mine.onclose = () => mine === socket && lose();
  }

  function take(message) {
    if (message.type === "hello") {
      hello = message;
      failures = 0;
      underWay = null;
      put("link", "connected");
      if (byId("lift").value !== hello.lift) tell({ do: "lift", name: byId("lift").value });
    } else if (message.type === "refused") {
      refused = true;
      stop();
      complain(message.reason);
    } else if (message.type === "view" && running) {
      latencyMs = performance.now() - underWay;
      underWay = null;
      drawPicture();
      if (passed > 0 && maySend()) send();
      drawFigure(message);
      showNumbers(message);
      note(message.said);
      if (message.say) speak(message.say);
    }
  }

  function lose() {
    hello = null;
    underWay = null;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    put("link", "not connected");
    if (!running || refused) return;
    const waitS = RETRIES_S[Math.min(failures, RETRIES_S.length - 1)];
    failures += 1;
    complain(failures > 3 ? "formcheck does not answer. Is it still running on the computer? Trying again." : "The connection was lost. Trying again.");
    setTimeout(() => running && connect(), 1000 * waitS);
  }

  function tell(command) {
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
  }

  // ---- the camera ----
  const TROUBLE = {
    NotAllowedError: "This page has no permission to use the camera. Allow it in the browser's settings, then press Start.",
    NotFoundError: "No camera was found. Connect one, then press Start.",
    NotReadableError: "Another program is using the camera. Close it, then press Start.",
  };

  async function openCamera() {
    if (!navigator.mediaDevices) {
      throw new Error("A browser gives the camera to https pages or localhost only: start formcheck live --web with --cert and --key.");
    }
    closeCamera();
    const wish = { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
    } catch (error) {
      throw new Error(TROUBLE[error.name] || `The camera cannot be opened: ${error.message || error.name}.`);
    }
    stream.getVideoTracks()[0].onended = () => running && complain("The camera has stopped. Connect it again, then press Stop and Start.");
    video.srcObject = stream;
    await video.play();
  }

  function closeCamera() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  async function keepAwake() {
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      lock = null; // an older browser: the screen may go dark
    }
  }

  async function start() {
    refused = false;
    complain("");
    byId("start").disabled = true;
    if ("speechSynthesis" in window) speechSynthesis.speak(new SpeechSynthesisUtterance("")); // telephones speak only after a touch
    try {
      await openCamera();
      running = true;
      body.dataset.state = "running";
      put("start", "Stop");
      put("guide", "One moment: the model is loading.");
      connect();
      nextPicture();
      keepAwake();
    } catch (error) {
      closeCamera();
      complain(error.message);
    }
    byId("start").disabled = false;
  }

  function stop() {
    running = false;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    body.dataset.state = "idle";
    put("start", "Start");
    if (socket) socket.close(1000);
    if ("speechSynthesis" in window) speechSynthesis.cancel();
    if (lock) lock.release();
    closeCamera();
    for (const id of ["cue", "guide", "notice"]) put(id, "");
  }

  byId("start").onclick = () => (running ? stop() : start());
  byId("reset").onclick = () => tell({ do: "reset" });
  byId("lift").onchange = (event) => tell({ do: "lift", name: event.target.value });
  byId("mute").onclick = () => {
    muted = !muted;
    byId("mute").setAttribute("aria-pressed", String(muted));
    if (muted && "speechSynthesis" in window) {
      speechSynthesis.cancel();
      speaking = false;
    }
  };
  byId("flip").onclick = async () => {
    facing = facing === "environment" ? "user" : "environment";
    if (!running) return;
    tell({ do: "reset" });
    try {
      await openCamera();
    } catch (error) {
      stop();
      complain(error.message);
    }
  };
  document.addEventListener("visibilitychange", () => {
    if (running && document.visibilityState === "visible") keepAwake();
  });
})();
