import '@fontsource-variable/inter/index.css';
import '../styles/tokens.css';
import '../styles/base.css';

import { mount } from 'svelte';

import VerifyPage from './VerifyPage.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('verify.html has no #app');
target.replaceChildren();
mount(VerifyPage, { target });
