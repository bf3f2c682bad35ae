/** Sets a password by a link. The code is behind the #, where no server and no log sees it. */
export const WELCOME_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Welcome to Tributary</title>
  </head>
  <body>
    <main>
      <h1>Welcome to Tributary</h1>
      <form id="form">
        <p>If you are the first user, give your name and email address. Others leave them empty.</p>
        <p><label>Name <input name="name" autocomplete="name" /></label></p>
        <p><label>Email address <input name="email" type="email" autocomplete="username" /></label></p>
        <p><label>Password, 12 characters or more
          <input name="password" type="password" autocomplete="new-password" minlength="12" required /></label></p>
        <p><button>Set the password and sign in</button></p>
        <p id="message" role="status"></p>
      </form>
    </main>
    <script src="/welcome/start.js"></script>
  </body>
</html>
`;

export const WELCOME_SCRIPT = `const form = document.getElementById('form');
const message = document.getElementById('message');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = [...new FormData(form)].filter(([, value]) => value !== '');
  const body = { code: location.hash.slice(1), ...Object.fromEntries(given) };
  const answer = await fetch('/v1/session/link', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (answer.ok) location.replace('/docs');
  else message.textContent = said.error.message;
});
`;
