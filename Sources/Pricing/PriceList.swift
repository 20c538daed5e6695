/// The prices that come with Weir. Made by `scripts/price-table`; change the script, not this.
///
/// A line has the names of models, a colon and their price in US dollars per million tokens: `i` input, `o` output, `c`
/// cached input, `w` and `l` writes to a cache for minutes and for hours, `r` reasoning, `ai` and `ao` sound. What
/// stands behind `>N` holds for requests whose input exceeds N tokens, what stands behind `+NAME` for that class of
/// service; `~`: the provider charges by the time of day. Indented lines go on with the one above.
enum PriceList {
    static let date = "2026-11-21"
    static let sources = [
        "the price map of LiteLLM 1.109.1 (https://pypi.org/project/litellm/): names and numbers",
        "samples of it compared with platform.claude.com/docs/en/about-claude/pricing and pages that quote others",
    ]

    static let text = """
        [openai]
        gpt-4o-transcribe-diarize gpt-4o-transcribe: i2.5 o10
        computer-use-preview: i3 o12
        ft:gpt-3.5-turbo ft:gpt-3.5-turbo-0125 ft:gpt-3.5-turbo-0613 ft:gpt-3.5-turbo-1106: i3 o6
        ft:gpt-4-0613 gpt-4 gpt-4-0613: i30 o60
        ft:gpt-4o-2024-08-06 ft:gpt-4o-2024-11-20: i3.75 o15 c1.875
        ft:gpt-4o-mini-2024-07-18: i0.3 o1.2 c0.15
        ft:gpt-4.1-2025-04-14: i3 o12 c0.75
        ft:gpt-4.1-mini-2025-04-14: i0.8 o3.2 c0.2
        ft:gpt-4.1-nano-2025-04-14: i0.2 o0.8 c0.05
        ft:o4-mini-2025-04-16: i4 o16 c1
        gpt-3.5-turbo gpt-3.5-turbo-0125: i0.5 o1.5
        gpt-3.5-turbo-1106: i1 o2
        gpt-3.5-turbo-16k: i3 o4
        gpt-4-1106-preview gpt-4-turbo: i10 o30
        gpt-4.1: i2 o8 c0.5 +priority i3.5 o14 c0.875
        gpt-4.1-mini: i0.4 o1.6 c0.1 +priority i0.7 o2.8 c0.175
        gpt-4.1-nano: i0.1 o0.4 c0.025 +priority i0.2 o0.8 c0.05
        gpt-4o: i2.5 o10 c1.25 +priority i4.25 o17 c2.125
        gpt-4o-2024-05-13: i5 o15 +priority i8.75 o26.25
        gpt-4o-audio-preview-2024-12-17 gpt-4o-audio-preview-2025-06-03: i2.5 o10 ai40 ao80
        gpt-audio gpt-audio-1.5: i2.5 o10 ai32 ao64
        gpt-audio-mini: i0.6 o2.4 ai10 ao20
        gpt-4o-mini: i0.15 o0.6 c0.075 +priority i0.25 o1 c0.125
        gpt-4o-mini-audio-preview-2024-12-17: i0.15 o0.6 ai10 ao20
        gpt-4o-mini-search-preview: i0.15 o0.6 c0.075
        gpt-4o-mini-transcribe: i1.25 o5
        gpt-4o-search-preview: i2.5 o10 c1.25
        gpt-5 gpt-5.1: i1.25 o10 c0.125 +flex i0.625 o5 c0.0625 +priority i2.5 o20 c0.25
        gpt-5-codex gpt-5.1-codex-max gpt-5.1-codex gpt-5.1-chat-latest gpt-5-chat gpt-5-chat-latest
         gpt-5-search-api: i1.25 o10 c0.125
        gpt-5.1-codex-mini: i0.25 o2 c0.025
        gpt-5.2: i1.75 o14 c0.175 +flex i0.875 o7 c0.0875 +priority i3.5 o28 c0.35
        gpt-5.2-codex gpt-5.2-chat-latest gpt-5.3-chat-latest: i1.75 o14 c0.175
        gpt-5.2-pro: i21 o168
        gpt-6-astra: i10 o50 c1 w12.5 >272000 i20 o75 c2 w25 +flex i5 o25 c0.5 w6.25 >272000 i10 o37.5 c1 w12.5
         +priority i20 o100 c2 w25 >272000 i40 o150 c4 w50
        gpt-6-sol: i2 o10 c0.2 w2.5 >272000 i4 o15 c0.4 w5 +flex i1 o5 c0.1 w1.25 >272000 i2 o7.5 c0.2 w2.5
         +priority i4 o20 c0.4 w5 >272000 i8 o30 c0.8 w10
        gpt-6-luna: i0.1 o0.5 c0.01 w0.125 >272000 i0.2 o0.75 c0.02 w0.25 +flex i0.05 o0.25 c0.005 w0.0625 >272000
         i0.1 o0.375 c0.01 w0.125 +priority i0.2 o1 c0.02 w0.25 >272000 i0.4 o1.5 c0.04 w0.5
        gpt-5.6 gpt-5.6-sol: i4 o20 c0.4 w5 >272000 i8 o30 c0.8 w10 +flex i2 o10 c0.2 w2.5 >272000 i4 o15 c0.4 w5
         +priority i8 o40 c0.8 w10 >272000 i16 o60 c1.6 w20
        gpt-5.6-terra: i2 o12 c0.2 w2.5 >272000 i4 o18 c0.4 w5 +flex i1 o6 c0.1 w1.25 >272000 i2 o9 c0.2 w2.5
         +priority i4 o24 c0.4 w5 >272000 i8 o36 c0.8 w10
        gpt-5.6-luna: i0.2 o1.2 c0.02 w0.25 >272000 i0.4 o1.8 c0.04 w0.5 +flex i0.1 o0.6 c0.01 w0.125 >272000 i0.2
         o0.9 c0.02 w0.25 +priority i0.4 o2.4 c0.04 w0.5 >272000 i0.8 o3.6 c0.08 w1
        gpt-5.6-cyber daybreak-red-latest gpt-daybreak-red-latest: i12.5 o75 c1.25 w15.625 >272000 i25 o112.5 c2.5
         w31.25
        daybreak-blue-latest gpt-daybreak-blue-latest: i4 o20 c0.4 w5 >272000 i8 o30 c0.8 w10
        chat-latest: i5 o30 c0.5
        gpt-5.5: i5 o30 c0.5 >272000 i10 o45 c1 +flex i2.5 o15 c0.25 >272000 i5 o22.5 c0.5 +priority i12.5 o75 c1.25
        gpt-5.5-pro: i30 o180 >272000 i60 o270 +flex i15 o90
        gpt-5.4: i2.5 o15 c0.25 >272000 i5 o22.5 c0.5 +flex i1.25 o7.5 c0.13 >272000 i2.5 o11.25 c0.25 +priority i5
         o30 c0.5
        gpt-5.4-pro: i30 o180 >272000 i60 o270 +flex i15 o90 >272000 i30 o135
        gpt-5.4-mini: i0.75 o4.5 c0.075 +flex i0.375 o2.25 c0.0375 +priority i1.5 o9 c0.15
        gpt-5.4-nano: i0.2 o1.25 c0.02 +flex i0.1 o0.625 c0.01
        gpt-5-pro: i15 o120
        gpt-5.3-codex: i1.75 o14 c0.175 +priority i3.5 o28 c0.35
        gpt-5-mini: i0.25 o2 c0.025 +flex i0.125 o1 c0.0125 +priority i0.45 o3.6 c0.045
        gpt-5-nano: i0.05 o0.4 c0.005 +flex i0.025 o0.2 c0.0025
        o1: i15 o60 c7.5
        o1-pro: i150 o600
        o3: i2 o8 c0.5 +flex i1 o4 c0.25 +priority i3.5 o14 c0.875
        o3-deep-research: i10 o40 c2.5
        o3-mini: i1.1 o4.4 c0.55
        o3-pro: i20 o80
        o4-mini: i1.1 o4.4 c0.275 +flex i0.55 o2.2 c0.138 +priority i2 o8 c0.5
        o4-mini-deep-research: i2 o8 c0.5
        text-embedding-3-large: i0.13 o0
        text-embedding-3-small: i0.02 o0
        text-embedding-ada-002 text-embedding-ada-002-v2: i0.1 o0
        gpt-5.5-cyber gpt-5.5-cyber-preview: i12.5 o75 c1.25
        gpt-rosalind-research gpt-rosalind-discovery: i5 o25 c0.5
        gpt-6.1-sol: i2 o10 c0.1 w2.5 >272000 i4 o15 c0.2 w5 +flex i1 o5 c0.05 w1.25 >272000 i2 o7.5 c0.1 w2.5
         +priority i4 o20 c0.2 w5 >272000 i8 o30 c0.4 w10
        gpt-6.1-terra: i1 o5 c0.05 w1.25 >272000 i2 o7.5 c0.1 w2.5 +flex i0.5 o2.5 c0.025 w0.625 >272000 i1 o3.75
         c0.05 w1.25 +priority i2 o10 c0.1 w2.5 >272000 i4 o15 c0.2 w5
        gpt-6-rosalind: i15 o75 c1.5 w18.75 >272000 i30 o112.5 c3 w37.5
        gpt-6-astra-law: i10 o50 c1
        babbage-002: i0.4 o0.4
        davinci-002: i2 o2
        ft:babbage-002: i1.6 o1.6
        ft:davinci-002: i12 o12
        gpt-3.5-turbo-instruct gpt-3.5-turbo-instruct-0914: i1.5 o2
        [anthropic]
        claude-haiku-4-5: i1 o5 c0.1 w1.25 l2
        claude-sonnet-4-5 claude-sonnet-4-6: i3 o15 c0.3 w3.75 l6
        claude-sonnet-5: i2 o10 c0.2 w2.5 l4
        claude-sonnet-5-5: i2 o10 c0.1 w2.5 l4
        claude-opus-4-5 claude-opus-4-6 claude-opus-4-7 claude-opus-5 claude-opus-4-8: i5 o25 c0.5 w6.25 l10
        claude-fable-5 claude-mythos-5 claude-mythos-preview: i10 o50 c1 w12.5 l20
        claude-fable-5-1 claude-mythos-5-1: i10 o50 c0.25 w12.5 l20
        claude-opus-5-5: i4 o20 c0.2 w5 l8
        claude-haiku-5-5: i0.1 o0.5 c0.01 w0.125 l0.2 >100000 i0.5 o2.5 c0.05 w0.625 l1
        [google]
        gemini-robotics-er-2-preview: i1 o5 c0.1
        gemini-embedding-001: i0.15 o0
        gemini-embedding-2 gemini-embedding-2-preview: i0.2 o0 ai6.5
        gemini-3.1-flash-lite-preview: i0.25 o1.5 c0.025 ai0.5 +flex i0.125 o0.75 c0.0125 +priority i0.45 o2.7
         c0.045
        gemini-2.5-flash: i0.3 o2.5 c0.03 ai1 +flex i0.15 o1.25 c0.03 ai0.5 +priority i0.54 o4.5 c0.054 ai1.8
        gemini-2.5-flash-lite: i0.1 o0.4 c0.01 ai0.3 +flex i0.05 o0.2 c0.01 ai0.15 +priority i0.18 o0.72 c0.018
         ai0.54
        gemini-flash-latest gemini-3.6-flash gemini-3.7-flash gemini-3.8-flash: i0.75 o3.75 c0.075 +flex i0.375
         o1.875 c0.0375 +priority i1.35 o6.75 c0.135
        gemini-flash-lite-latest gemini-3.5-flash-lite: i0.3 o2.5 c0.03 +flex i0.15 o1.25 c0.02 +priority i0.54 o4.5
         c0.05
        gemini-2.5-pro: i1.25 o10 c0.125 >200000 i2.5 o15 c0.25 +flex i0.625 o5 c0.125 +priority i2.25 o18 c0.225
         >200000 i4.5 o27 c0.45
        gemini-2.5-computer-use-preview-10-2025: i1.25 o10 >200000 i2.5 o15
        gemini-3.1-flash-lite: i0.25 o1.5 c0.025 ai0.5 +flex i0.125 o0.75 c0.0125 ai0.25 +priority i0.45 o2.7 c0.045
         ai0.9
        gemini-3-flash-preview: i0.5 o3 c0.05 ai1 +flex i0.25 o1.5 c0.05 ai0.5 +priority i0.9 o5.4 c0.09 ai1.8
        gemini-3.5-flash: i1.5 o9 c0.15 +flex i0.75 o4.5 c0.08 +priority i2.7 o16.2 c0.27
        gemini-omni-flash-preview gemini-omni-1.1-flash: i1.5 o9
        gemini-3.1-pro-preview gemini-3.1-pro-preview-customtools gemini-pro-latest: i2 o12 c0.2 >200000 i4 o18 c0.4
         +flex i1 o6 c0.2 +priority i3.6 o21.6 c0.36 >200000 i7.2 o32.4 c0.72
        gemini-robotics-er-2-streaming-preview: i1 o5
        gemini-3.5-transcribe: i2 o12
        gemini-3.5-transcribe-live: i3.5 o21
        gemini-4-argon: i2 o10 c0.1 +flex i1 o5 c0.05 +priority i3.6 o18 c0.18
        [deepseek]
        deepseek-chat deepseek-reasoner: i0.28 o0.42 c0.028
        deepseek-coder: i0.14 o0.28 c0.014
        deepseek-r1: i0.55 o2.19 c0.14
        deepseek-v3: i0.27 o1.1 c0.07
        deepseek-v3.2: i0.28 o0.4 c0.028
        deepseek-flash deepseek-v4-flash deepseek-v4-flash-vision-exp: ~ i0.3 o1.2 c0.006
        deepseek-v4-pro: ~ i1.32 o3.96 c0.044
        [xai]
        grok-4.20-multi-agent-beta-0309 grok-4.20-beta-0309-reasoning grok-4.20-0309-reasoning
         grok-4.20-beta-0309-non-reasoning grok-4.3 grok-4.3-latest grok-4.20-0309-non-reasoning
         grok-4.20-multi-agent-0309 grok-4.20 grok-4.20-reasoning grok-4.20-reasoning-latest grok-4.20-non-reasoning
         grok-4.20-non-reasoning-latest grok-4.20-multi-agent grok-4.20-multi-agent-latest grok-4.20-0309
         grok-4.20-beta grok-4.20-beta-0309 grok-4.20-beta-latest grok-4.20-beta-latest-non-reasoning
         grok-4.20-beta-latest-reasoning grok-4.20-beta-non-reasoning grok-4.20-beta-reasoning
         grok-4.20-experimental-beta-0304 grok-4.20-experimental-beta-0304-non-reasoning
         grok-4.20-experimental-beta-0304-reasoning grok-4.20-experimental-beta-latest
         grok-4.20-experimental-beta-non-reasoning-latest grok-4.20-experimental-beta-reasoning-latest
         grok-4.20-multi-agent-beta-latest grok-4.20-multi-agent-experimental-beta-0304
         grok-4.20-multi-agent-experimental-beta-latest grok-4.20-non-reasoning-gv2 grok-4.20-reasoning-gv2: i1.25
         o2.5 c0.2 >200000 i2.5 o5 c0.4
        grok-4.5 grok-4.5-latest grok-build-latest: i2 o6 c0.3 >200000 i4 o12 c0.6
        grok-4.6 grok-4.7: i2 o6 c0.5 >200000 i4 o12 c1
        grok-build-0.1 grok-code-fast grok-code-fast-1 grok-code-fast-1-0825: i1 o2 c0.2 >200000 i2 o4 c0.4
        [mistral]
        codestral-2508 codestral-latest mistral-code-latest mistral-code-fim-latest: i0.3 o0.9 c0.03
        codestral-mamba-latest mistral-tiny: i0.25 o0.25 c0.025
        devstral-small-latest mistral-small: i0.1 o0.3 c0.01
        devstral-latest devstral-medium-latest mistral-code-agent-latest: i0.4 o2 c0.04
        ministral-14b-2512 ministral-14b-latest ministral-3-14b-2512: i0.2 o0.2 c0.02
        ministral-3b-2512 ministral-3b-latest ministral-3-3b-2512: i0.1 o0.1 c0.01
        mistral-embed-2312 mistral-embed: i0.1
        mistral-medium-3 magistral-medium-latest mistral-medium mistral-medium-2604 mistral-medium-latest
         mistral-medium-3-5 mistral-medium-3.5 mistral-vibe-cli-latest mistral-vibe-cli-with-tools: i1.5 o7.5 c0.15
        voxtral-small-2507 voxtral-small-latest: i0.1 o0.4 c0.01
        zai-glm-5-2 zai-glm-5-3 zai-glm-5 zai-glm-latest glm-5-2: i1.4 o4.4 c0.14
        deepseek-v4-1-flash-1017: i0.3 o1.2 c0.007
        zai-glm-5-3-flash: i0.15 o0.5 c0.03
        magistral-small-latest mistral-small-latest mistral-small-2603 mistral-vibe-cli-fast: i0.15 o0.6 c0.015
        codestral-embed codestral-embed-2505: i0.15 c0.015
        mistral-large-4 mistral-large-4-0: i1.36 o4.18 c0.14
        mistral-large-latest mistral-large-3 mistral-large-2512: i0.5 o1.5 c0.05
        ministral-3-8b-2512 ministral-8b-2512 ministral-8b-latest: i0.15 o0.15 c0.015
        open-mistral-nemo: i0.3 o0.3 c0.03
        pixtral-large-latest: i2 o6 c0.2
        [groq]
        llama-guard-3-8b: i0.2 o0.2
        meta-llama/llama-prompt-guard-2-22m: i0.03 o0.03
        meta-llama/llama-prompt-guard-2-86m: i0.04 o0.04
        openai/gpt-oss-120b: i0.15 o0.6 c0.075
        openai/gpt-oss-20b: i0.075 o0.3 c0.0375
        openai/gpt-oss-safeguard-20b: i0.075 o0.3 c0.037
        qwen/qwen3.8-27b: i0.8 o4
        [cerebras]
        llama-3.1-70b llama3.1-70b: i0.6 o0.6
        llama-3.1-8b llama3.1-8b: i0.1 o0.1
        llama-3.3-70b: i0.85 o1.2
        gpt-oss-120b: i0.35 o0.75
        qwen-3-32b: i0.4 o0.8
        qwen-3.8-27b gemma-4-31b: i0.99 o1.49
        [cohere]
        embed-v4.0 embed-v5.0-pro: i0.12 o0
        embed-v5.0-fast: i0.08 o0
        command-nightly: i1 o2
        embed-english-light-v3.0 embed-english-v3.0 embed-multilingual-v3.0: i0.1 o0
        command-a-03-2025 command-r-plus-08-2024: i2.5 o10
        c4ai-aya-expanse-32b: i0.5 o1.5
        command-r-08-2024: i0.15 o0.6
        command-r7b-12-2024: i0.0375 o0.15
        [moonshot]
        kimi-k2.7-code: i0.95 o4 c0.19
        kimi-k2.5: i0.6 o3 c0.1
        kimi-k2.6: i0.95 o4 c0.16
        kimi-k3.1-pro: i2 o10 c0.2 w2 l4
        kimi-k3: i3 o15 c0.3 w3 l6
        moonshot-v1-128k moonshot-v1-128k-vision-preview moonshot-v1-auto: i2 o5
        moonshot-v1-32k moonshot-v1-32k-vision-preview: i1 o3
        moonshot-v1-8k moonshot-v1-8k-vision-preview: i0.2 o2
        [zai]
        glm-5: i1 o3.2 c0.2
        glm-5.3 glm-5.1 glm-5.2: i1.4 o4.4 c0.26
        glm-5.3-flash: i0.15 o0.5 c0.03
        glm-5v-turbo: i1.2 o4 c0.24
        glm-5-code: i1.2 o5 c0.3
        glm-4.7 glm-4.6: i0.6 o2.2 c0.11
        glm-4.5: i0.6 o2.2
        glm-4.5v: i0.6 o1.8
        glm-4.5-x: i2.2 o8.9
        glm-4.5-air: i0.2 o1.1
        glm-4.5-airx: i1.1 o4.5
        glm-4-32b-0414-128k: i0.1 o0.1
        [voyage]
        voyage-2 voyage-lite-01 voyage-lite-02-instruct: i0.1 o0
        voyage-3 voyage-3.5 voyage-4: i0.06 o0
        voyage-multilingual-2 voyage-code-2 voyage-finance-2 voyage-large-2 voyage-large-2-instruct voyage-law-2
         voyage-4-large voyage-code-4 voyage-context-4: i0.12 o0
        voyage-3-large voyage-code-3 voyage-context-3: i0.18 o0
        voyage-3-lite voyage-3.5-lite voyage-4-lite: i0.02 o0
        [bedrock]
        anthropic.claude-3-5-haiku-20241022-v1:0 eu.anthropic.claude-3-5-haiku-20241022-v1:0
         us.anthropic.claude-3-5-haiku-20241022-v1:0: i0.8 o4 c0.08 w1
        anthropic.claude-3-5-sonnet-20240620-v1:0 anthropic.claude-3-5-sonnet-20241022-v2:0
         eu.anthropic.claude-3-5-sonnet-20240620-v1:0 eu.anthropic.claude-3-5-sonnet-20241022-v2:0
         eu.anthropic.claude-3-7-sonnet-20250219-v1:0 us.anthropic.claude-3-5-sonnet-20240620-v1:0
         us.anthropic.claude-3-5-sonnet-20241022-v2:0 anthropic.claude-3-7-sonnet-20250219-v1:0
         us.anthropic.claude-3-7-sonnet-20250219-v1:0: i3 o15 c0.3 w3.75
        anthropic.claude-3-7-sonnet-20240620-v1:0: i3.6 o18 c0.36 w4.5
        anthropic.claude-3-opus-20240229-v1:0 eu.anthropic.claude-3-opus-20240229-v1:0
         us.anthropic.claude-3-opus-20240229-v1:0 anthropic.claude-opus-4-1-20250805-v1:0
         anthropic.claude-opus-4-20250514-v1:0 eu.anthropic.claude-opus-4-1-20250805-v1:0
         eu.anthropic.claude-opus-4-20250514-v1:0 us.anthropic.claude-opus-4-1-20250805-v1:0
         us.anthropic.claude-opus-4-20250514-v1:0: i15 o75 c1.5 w18.75
        anthropic.claude-instant-v1: i0.8 o2.4
        anthropic.claude-mythos-preview us.anthropic.claude-mythos-preview apac.anthropic.claude-mythos-preview
         au.anthropic.claude-mythos-preview: i27.5 o137.5 c2.75 w34.375 l55
        anthropic.claude-v1 anthropic.claude-v2:1: i8 o24
        amazon.nova-lite-v1:0 us.amazon.nova-lite-v1:0: i0.06 o0.24 c0.015
        amazon.nova-2-lite-v1:0 global.amazon.nova-2-lite-v1:0: i0.3 o2.5 c0.075 +priority i0.525 o4.375 c0.13125
        amazon.nova-2-pro-preview-20251202-v1:0: i1.25 o10 c0.3125 +priority i2.1875 o17.5
        apac.amazon.nova-2-lite-v1:0: i0.396 o3.311 c0.099
        apac.amazon.nova-2-pro-preview-20251202-v1:0 eu.amazon.nova-2-pro-preview-20251202-v1:0: i1.375 o11 c0.34375
        eu.amazon.nova-2-lite-v1:0: i0.429 o3.597 c0.10725
        us.amazon.nova-2-lite-v1:0: i0.33 o2.75 c0.0825 +flex i0.165 o1.375 c0.04125 +priority i0.5775 o4.8125
         c0.144375
        us.amazon.nova-2-pro-preview-20251202-v1:0: i1.375 o11 c0.34375 +priority i2.40625 o19.25
        amazon.nova-micro-v1:0 us.amazon.nova-micro-v1:0: i0.035 o0.14 c0.00875
        amazon.nova-premier-v1:0: i2.5 o12.5 c0.625 +priority i4.375 o21.875 c1.09375
        amazon.nova-pro-v1:0 us.amazon.nova-pro-v1:0: i0.8 o3.2 c0.2 +flex i0.4 o1.6 c0.1 +priority i1.4 o5.6 c0.35
        anthropic.claude-haiku-4-5-20251001-v1:0 global.anthropic.claude-haiku-4-5-20251001-v1:0: i1 o5 c0.1 w1.25
         l2
        anthropic.claude-opus-4-5-20251101-v1:0 anthropic.claude-opus-4-6-v1 global.anthropic.claude-opus-4-6-v1
         anthropic.claude-opus-4-7 global.anthropic.claude-opus-4-7 anthropic.claude-opus-5
         global.anthropic.claude-opus-5 anthropic.claude-opus-4-8 global.anthropic.claude-opus-4-8
         global.anthropic.claude-opus-4-5-20251101-v1:0: i5 o25 c0.5 w6.25 l10
        us.anthropic.claude-opus-4-6-v1 eu.anthropic.claude-opus-4-6-v1 au.anthropic.claude-opus-4-6-v1
         us.anthropic.claude-opus-4-7 eu.anthropic.claude-opus-4-7 au.anthropic.claude-opus-4-7
         us.anthropic.claude-opus-5 eu.anthropic.claude-opus-5 au.anthropic.claude-opus-5 jp.anthropic.claude-opus-5
         us.anthropic.claude-opus-4-8 eu.anthropic.claude-opus-4-8 au.anthropic.claude-opus-4-8
         jp.anthropic.claude-opus-4-8 jp.anthropic.claude-opus-4-7 us.anthropic.claude-opus-4-5-20251101-v1:0
         eu.anthropic.claude-opus-4-5-20251101-v1:0 apac.anthropic.claude-opus-4-7 apac.anthropic.claude-opus-4-8
         apac.anthropic.claude-opus-5: i5.5 o27.5 c0.55 w6.875 l11
        anthropic.claude-fable-5 global.anthropic.claude-fable-5: i10 o50 c1 w12.5 l20
        anthropic.claude-fable-5-1 global.anthropic.claude-fable-5-1 anthropic.claude-mythos-5-1
         global.anthropic.claude-mythos-5-1: i10 o50 c0.25 w12.5 l20
        us.anthropic.claude-fable-5 eu.anthropic.claude-fable-5 us.anthropic.claude-mythos-5
         apac.anthropic.claude-fable-5 au.anthropic.claude-fable-5: i11 o55 c1.1 w13.75 l22
        us.anthropic.claude-fable-5-1 eu.anthropic.claude-fable-5-1 us.anthropic.claude-mythos-5-1: i11 o55 c0.275
         w13.75 l22
        anthropic.claude-opus-5-5 global.anthropic.claude-opus-5-5: i4 o20 c0.2 w5 l8
        us.anthropic.claude-opus-5-5 eu.anthropic.claude-opus-5-5 au.anthropic.claude-opus-5-5
         jp.anthropic.claude-opus-5-5 apac.anthropic.claude-opus-5-5: i4.4 o22 c0.22 w5.5 l8.8
        anthropic.claude-sonnet-5 global.anthropic.claude-sonnet-5: i2 o10 c0.2 w2.5 l4
        us.anthropic.claude-sonnet-5 eu.anthropic.claude-sonnet-5 au.anthropic.claude-sonnet-5
         jp.anthropic.claude-sonnet-5 apac.anthropic.claude-sonnet-5: i2.2 o11 c0.22 w2.75 l4.4
        anthropic.claude-sonnet-4-6 global.anthropic.claude-sonnet-4-6: i3 o15 c0.3 w3.75 l6
        us.anthropic.claude-sonnet-4-6 eu.anthropic.claude-sonnet-4-6 au.anthropic.claude-sonnet-4-6
         jp.anthropic.claude-sonnet-4-6 apac.anthropic.claude-sonnet-4-6: i3.3 o16.5 c0.33 w4.125 l6.6
        anthropic.claude-sonnet-4-20250514-v1:0 apac.anthropic.claude-sonnet-4-20250514-v1:0
         eu.anthropic.claude-sonnet-4-20250514-v1:0 global.anthropic.claude-sonnet-4-20250514-v1:0
         us.anthropic.claude-sonnet-4-20250514-v1:0: i3 o15 c0.3 w3.75 >200000 i6 o22.5 c0.6 w7.5
        anthropic.claude-sonnet-4-5-20250929-v1:0 global.anthropic.claude-sonnet-4-5-20250929-v1:0: i3 o15 c0.3
         w3.75 l6 >200000 i6 o22.5 c0.6 w7.5 l12
        apac.amazon.nova-lite-v1:0: i0.063 o0.252 c0.01575
        apac.amazon.nova-micro-v1:0: i0.037 o0.148 c0.00925
        apac.amazon.nova-pro-v1:0: i0.84 o3.36 c0.21 +flex i0.42 o1.68 c0.105
        apac.anthropic.claude-haiku-4-5-20251001-v1:0: i1.1 o5.5 c0.11 w1.375
        au.anthropic.claude-sonnet-4-5-20250929-v1:0 eu.anthropic.claude-sonnet-4-5-20250929-v1:0
         jp.anthropic.claude-sonnet-4-5-20250929-v1:0 us.anthropic.claude-sonnet-4-5-20250929-v1:0: i3.3 o16.5 c0.33
         w4.125 l6.6 >200000 i6.6 o24.75 c0.66 w8.25 l13.2
        eu.amazon.nova-lite-v1:0: i0.078 o0.312 c0.0195
        eu.amazon.nova-micro-v1:0: i0.046 o0.184 c0.0115
        eu.amazon.nova-pro-v1:0: i1.05 o4.2 c0.2625 +flex i0.525 o2.1 c0.13125
        eu.anthropic.claude-haiku-4-5-20251001-v1:0 jp.anthropic.claude-haiku-4-5-20251001-v1:0
         us.anthropic.claude-haiku-4-5-20251001-v1:0 au.anthropic.claude-haiku-4-5-20251001-v1:0: i1.1 o5.5 c0.11
         w1.375 l2.2
        us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0: i3.6 o18 c0.36 w4.5 l7.2 >200000 i7.2 o27 c0.72 w9 l14.4
        us-gov.anthropic.claude-sonnet-5: i2.4 o12 c0.24 w3 l4.8
        us-gov.anthropic.claude-opus-4-8 us-gov.anthropic.claude-opus-5: i6 o30 c0.6 w7.5 l12
        us-gov.anthropic.claude-opus-5-5: i4.8 o24 c0.24 w6 l9.6
        us-gov.anthropic.claude-fable-5-1: i12 o60 c0.3 w15 l24
        anthropic.claude-sonnet-5-5 global.anthropic.claude-sonnet-5-5: i2 o10 c0.1 w2.5 l4
        apac.anthropic.claude-sonnet-5-5 au.anthropic.claude-sonnet-5-5 eu.anthropic.claude-sonnet-5-5
         jp.anthropic.claude-sonnet-5-5 us.anthropic.claude-sonnet-5-5: i2.2 o11 c0.11 w2.75 l4.4
        us-gov.anthropic.claude-sonnet-5-5: i2.4 o12 c0.12 w3 l4.8
        anthropic.claude-haiku-5-5 global.anthropic.claude-haiku-5-5: i0.1 o0.5 c0.01 w0.125 l0.2 >100000 i0.5 o2.5
         c0.05 w0.625 l1
        apac.anthropic.claude-haiku-5-5 au.anthropic.claude-haiku-5-5 eu.anthropic.claude-haiku-5-5
         jp.anthropic.claude-haiku-5-5 us.anthropic.claude-haiku-5-5: i0.11 o0.55 c0.011 w0.1375 l0.22 >100000 i0.55
         o2.75 c0.055 w0.6875 l1.1
        us-gov.anthropic.claude-haiku-5-5: i0.12 o0.6 c0.012 w0.15 l0.24 >100000 i0.6 o3 c0.06 w0.75 l1.2
        jp.amazon.nova-2-lite-v1:0: i0.396 o3.311 c0.099 +flex i0.198 o1.6555 c0.0495 +priority i0.693 o5.79425
         c0.17325
        """
}
