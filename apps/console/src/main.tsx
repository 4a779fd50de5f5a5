import { render } from 'preact';
import './styles/tokens.css';
import './styles/controls.css';
import './styles/shell.css';
import './styles/threads.css';
import './styles/messages.css';
import './styles/sign-in.css';
import { App } from './views/app.tsx';

const root = document.getElementById('app');
if (root) render(<App />, root);
