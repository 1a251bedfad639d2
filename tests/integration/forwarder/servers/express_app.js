// An Express application that shows what it received, and redirects.
const app = require('express')();
app.use((request, response) => {
  if (request.path.endsWith('/go')) return response.redirect('/login');
  const query = request.originalUrl.split('?')[1] || '';
  response.json({ path: decodeURIComponent(request.path), query, headers: request.headers });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
