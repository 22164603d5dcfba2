// The only script of a report that has no explorer: a button that copies each command.
for (const block of document.querySelectorAll('.cmd')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(block.querySelector('code').textContent).then(
      () => say('Copied'),
      () => say('Select and copy it by hand'),
    );
  });
  const say = (text) => {
    button.textContent = text;
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  };
  block.append(button);
}
