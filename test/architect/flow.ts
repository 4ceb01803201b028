/** A flow of an imaginary plumber that uses most of the language, and is right. */
export const GOOD_FLOW = `inboundCall:
  name: Plumber
  description: "Books a visit: by key or word"
  division: Home
  startUpRef: "/inboundCall/tasks/task[Start_1]"
  defaultLanguage: en-us
  supportedLanguages:
    en-us:
      defaultLanguageSkill:
        noValue: true
      textToSpeech:
        defaultEngine:
          voice: Jill
    es-us:
      defaultLanguageSkill:
        noValue: true
  initialGreeting:
    prompt: Prompt.plumber_hello
  settingsActionDefaults:
    collectInput:
      noEntryTimeout:
        lit: { seconds: 7 }
  settingsErrorHandling:
    errorHandling:
      task:
        targetTaskRef: /inboundCall/tasks/task[Sorry_2]
    preHandlingAudio:
      tts: Something broke.
  settingsMenu:
    menuSelectionTimeout:
      lit: { seconds: 10 }
    repeatCount:
      lit: 3
  settingsSpeechRec:
    asrEnabledOnFlow: true
  variables:
    - stringVariable:
        name: Flow.Visit
        initialValue:
          noValue: true
    - integerVariable:
        name: Flow.Turn
        initialValue:
          lit: 0
    - stringCollectionVariable:
        name: Flow.Days
        initialValue:
          noValue: true
  tasks:
    - task:
        name: Start
        refId: Start_1
        actions:
          - loop:
              name: Three tries
              currentIndex: { var: Flow.Turn }
              loopCount: { lit: 3 }
              outputs:
                loop:
                  actions:
                    - collectInput:
                        name: Visit number
                        inputData: { var: Flow.Visit }
                        digits:
                          range: { min: 1, max: 6, terminatingDtmf: "digit_#" }
                        interDigitTimeout: { noValue: true }
                        noEntryTimeout: { lit: { ms: 4500 } }
                        inputAudio: { tts: Your visit number? }
                        acceptJustStar: { lit: false }
                        acceptJustPound: { lit: false }
                        verificationType: none
                        outputs:
                          success:
                            actions:
                              - loopExit: { name: Have it }
                          failure:
                            actions:
                              - loopNext: { name: Again }
          - callData:
              name: Look up visit
              timeout: { lit: { seconds: 10 } }
              processingPrompt: { noValue: true }
              category:
                Plumbing:
                  dataAction:
                    Find Visit:
                      inputs:
                        number: { exp: Flow.Visit }
                        channel: { lit: phone }
                      successOutputs:
                        days: { var: Flow.Days }
                        ignored: { noValue: true }
              outputs:
                success:
                  actions:
                    - switch:
                        name: How many days
                        evaluate:
                          firstTrue:
                            default: { actions: [] }
                            cases:
                              - case:
                                  value: { exp: Count(Flow.Days) > 3 }
                                  actions:
                                    - playAudio: { name: Busy, audio: { exp: 'ToAudioTTS("Busy")' } }
                failure:
                  actions:
                    - jumpToTask: { name: Sorry, targetTaskRef: './tasks/task[Sorry_2]' }
                timeout:
                  actions: []
          - updateData:
              name: Note
              statements:
                - string:
                    variable: Flow.Visit
                    value: { exp: 'Append("v", Flow.Visit)' }
          - decision:
              name: Known
              condition: { exp: IsSet(Flow.Visit) }
              outputs:
                yes:
                  actions:
                    - setParticipantData:
                        name: Mark
                        attributes:
                          - attribute: { name: { lit: visit }, value: { exp: Flow.Visit } }
                no:
                  actions:
                    - callTask:
                        name: Apologise
                        targetTaskRef: /inboundCall/tasks/task[Sorry_2]
                        outputs:
                          paths:
                            - path: { name: Better, actions: [] }
          - jumpToMenu: { name: Menu, targetMenuRef: "./menus/menu[Main_3]" }
    - task:
        name: Sorry
        refId: Sorry_2
        actions:
          - playAudio: { name: Say sorry, audio: { tts: We are sorry. } }
          - transferToAcd:
              name: Person
              targetQueue: { lit: { name: Plumbers } }
              priority: { lit: 0 }
              acdSkills:
                - acdSkill: { lit: { name: Leaks } }
              failureOutputs:
                errorType: { noValue: true }
              outputs:
                failure:
                  actions:
                    - disconnect: { name: Bye }
  menus:
    - menu:
        name: Main
        refId: Main_3
        audio: { tts: Press one. }
        settingsMenu:
          menuSelectionTimeout: { lit: { seconds: 4 } }
          repeatCount: { noValue: true }
        defaultChildMenuRef: "./choices/menuTask[Book_5]"
        choices:
          - menuTask:
              name: Book
              refId: Book_5
              dtmf: digit_1
              globalDtmf: true
              speechRecTerms:
                en-us: { terms: [book, "a visit"] }
              task:
                actions:
                  - endTask: { name: Done, outputPath: { name: Better } }
          - menuSubMenu:
              name: More
              refId: More_4
              dtmf: "digit_*"
              audio: { tts: Press nine. }
              choices:
                - menuDisconnect: { name: Bye, dtmf: digit_9 }
                - menuPreviousMenu: { name: Back, dtmf: digit_0 }
          - menuTransferToAcd:
              name: Person
              dtmf: "digit_#"
              targetQueue: { exp: 'FindQueue("Plumbers")' }
`;

/** The flow with one text replaced by another, and the line of the first that changed. */
export function changed(
  from: string,
  to: string,
): { readonly text: string; readonly line: number } {
  const at = GOOD_FLOW.indexOf(from);
  if (at === -1) throw new Error(`The flow has no: ${from}`);
  return {
    text: GOOD_FLOW.slice(0, at) + to + GOOD_FLOW.slice(at + from.length),
    line: GOOD_FLOW.slice(0, at).split('\n').length,
  };
}
