// Express.
const crypto = require("node:crypto");
const express = require("express");
const multer = require("multer");

const app = express();
const upload = multer({ storage: multer.memoryStorage() });
app.set("trust proxy", true);
app.post("/form", express.urlencoded({ extended: false }), (request, response) => response.redirect(303, `/done/${request.body.name}`));
app.get("/cookies", (request, response) => response.cookie("one", "1").cookie("two", "2").send("set"));
app.post("/upload", upload.single("file"), (request, response) =>
  response.send(crypto.createHash("sha256").update(request.file.buffer).digest("hex")),
);
app.get("/file", (request, response) => response.sendFile(process.argv[3]));
app.get("/events", (request, response) => {
  response.type("text/event-stream");
  for (const number of [0, 1, 2]) response.write(`data: ${number}\n\n`);
  response.end();
});
app.get("/slash/", (request, response) => response.send("slash"));
app.listen(Number(process.argv[2]), "127.0.0.1");
