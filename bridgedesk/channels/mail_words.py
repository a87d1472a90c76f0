"""The words by which mail programs of many languages introduce quoted history, and sign from a telephone.

Used by `mail_quotes`: data only. A language is added by adding its words here.
"""

import re

# "wrote", as it stands in the line above a quotation
WROTE = (
    # English, German, Dutch, Scandinavian, Finnish
    "wrote|writes|said|schrieb|schreibt|geschrieben|schreef|geschreven|heeft|skrev|skriver|har skrevet|kirjoitti|skrifaði"
    # Romance languages
    "|a écrit|écrit|a écrit|escribió|escribio|escribi[oó]|ha escrito|escreveu|escribiu|ha scritto|scrive|scritto|va escriure"
    "|ha escrit|a scris"
    # Slavic and Baltic languages
    "|napisał|napisała|napisał\\(a\\)|pisze|napsal|napsala|napsal\\(a\\)|napísal|napísala|napísal\\(a\\)|je napisao|je napisala"
    "|napisao|napisala"
    "|je napisal|написал|написала|написал\\(а\\)|написав|написала|написав\\(ла\\)|пише|пишет|написа|парашиў|rašė|parašė|rakstīja|kirjutas"
    # Greek, Turkish, Hungarian, Semitic, Iranian and Indic languages
    "|έγραψε|yazdı|şunları yazdı|írta|كتب|كتبت|כתב|כתבה|כתב/ה|نوشت|نوشته است|ने लिखा|লিখেছেন"
    # South-East and East Asian languages
    "|đã viết|viết|menulis|tulis|sumulat|isinulat ni|เขียน|เขียนว่า|写道|寫道"
    "|写到|书写|のメール|が書きました|は書きました|さんは書きました|書きました|書いた"
    "|님이 작성|님의 말|작성|썼습니다"
)
# "original message", "forwarded message" between dashes
ORIGINAL = (
    "original message|original email|original e-mail|original text|forwarded message|forwarded by|begin forwarded message"
    "|reply message|message transf[ée]r[ée]"
    "|ursprüngliche nachricht|originalnachricht|original-nachricht|weitergeleitete nachricht"
    "|anfang der weitergeleiteten (?:nachricht|e-mail)"
    "|message d['’]origine|message original|message initial|début du message (?:réexpédié|transféré)|mensaje original"
    "|mensaje reenviado|mensaje transmitido"
    "|inicio del mensaje reenviado|mensagem original|mensagem encaminhada|início da mensagem (?:reencaminhada|encaminhada)"
    "|messaggio originale|messaggio originario"
    "|messaggio inoltrato|inizio messaggio inoltrato|missatge original|mesaj original|mesajul original|mesaj redirecționat"
    "|oorspronkelijk bericht|origineel bericht"
    "|doorgestuurd bericht|begin doorgestuurd bericht|oprindelig meddelelse|videresendt (?:meddelelse|besked)|opprinnelig melding"
    "|videresendt melding"
    "|ursprungligt meddelande|vidarebefordrat (?:meddelande|mejl)|alkuperäinen viesti|välitetty viesti|wiadomość oryginalna"
    "|oryginalna wiadomość"
    "|wiadomość przekazana|przekazana wiadomość|původní zpráva|původní e-mail|přeposlaná zpráva|pôvodná správa|preposlaná správa"
    "|izvorna poruka|prosljeđena poruka"
    "|izvirno sporočilo|исходное сообщение|пересылаемое сообщение|пересланное сообщение|оригинальное сообщение|оригінальне повідомлення"
    "|переслане повідомлення|пересланное письмо|начало переадресованного сообщения|оригинално съобщение|препратено съобщение"
    "|αρχικό μήνυμα|προωθημένο μήνυμα"
    "|orijinal ileti|orijinal mesaj|özgün ileti|iletilen ileti|yönlendirilmiş ileti|eredeti üzenet|továbbított üzenet|továbbított levél"
    "|הודעה מקורית|הודעה שהועברה|الرسالة الأصلية|رسالة أصلية|رسالة معاد توجيهها|رسالة مُعاد توجيهها|پیام اصلی|मूल संदेश"
    "|thư gốc|tin nhắn gốc|thư đã chuyển tiếp|pesan asli|pesan terusan|mesej asal|mesej yang dimajukan|ข้อความต้นฉบับ|ข้อความเดิม"
    "|ข้อความที่ส่งต่อ"
    "|原始邮件|原邮件|原始郵件|原始訊息|原始信件|转发邮件信息|转发的邮件|转发邮件|轉寄的郵件|轉寄郵件|已转发邮件|元のメッセージ|転送メッセージ|転送されたメッセージ|オリジナルメッセージ"
    "|원본 메시지|원본 메일|원본메일|전달된 메시지|전달된 메일"
)
# the labels of the block Outlook and others put above a quotation
LABELS = {
    "from": "from|von|de|da|van|fra|från|lähettäjä|od|от|от кого|отправитель|від|від кого|відправник|από|kimden|gönderen|feladó|מאת"
    "|من|از|प्रेषक|từ|người gửi|dari|daripada"
    "|จาก|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|보낸이|expéditeur|remitente|mittente"
    "|remetente|absender|afzender|nadawca|odesílatel"
    "|odosielateľ|expeditor",
    "date": "sent|date|date sent|gesendet|gesendet am|datum|envoyé|envoyé le|enviado|enviado el|enviado em|enviada em|fecha|data"
    "|data invio|inviato|inviato il|verzonden"
    "|sendt|dato|skickat|lähetetty|päivämäärä|wysłano|data wysłania|wysłane|odesláno|odoslané|datum|poslano|отправлено|дата"
    "|надіслано|изпратено|ημερομηνία"
    "|εστάλη|στάλθηκε|tarih|gönderme tarihi|gönderildi|elküldve|küldve|dátum|dátum|נשלח|תאריך|تاريخ|التاريخ|تم الإرسال|أرسلت|تاریخ"
    "|ngày|đã gửi|ngày gửi|tanggal|dikirim|tarikh"
    "|dihantar|วันที่|ส่งเมื่อ|ส่ง|发送时间|发送日期|发件时间|日期|时间|寄件日期|傳送時間|日付|送信日時|送信日|보낸 날짜|보낸날짜|날짜|trimis",
    "to": "to|an|à|a|para|aan|til|till|vastaanottaja|do|komu|pro|кому|получатель|до|до кого|към|προς|kime|alıcı|címzett|אל|إلى|به"
    "|đến|người nhận|tới|kepada|ke|ถึง"
    "|收件人|收件者|宛先|받는 사람|받는사람|받는이|către|destinataire|destinatario|destinatário|empfänger",
    "copy": "cc|bcc|copie|copie à|kopie|kopia|kopi|copia|cópia|копия|копія|κοιν|κοινοποίηση|bilgi|másolatot kap|másolat|עותק|نسخة"
    "|抄送|副本|cc:|참조|สำเนา|dw|dodw",
    "subject": "subject|re|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|aihe|temat|předmět|predmet|тема|θέμα|konu|tárgy"
    "|נושא|الموضوع|موضوع|विषय|chủ đề|tiêu đề|subjek|perihal"
    "|subyek|เรื่อง|หัวเรื่อง|หัวข้อ|主题|主旨|標題|件名|제목|subiect|assumpte",
    "reply": "reply-to|reply to|antwort an|antwoorden|risposta|rispondi a|répondre à|responder a|responder para|odpowiedz do"
    "|ответить|返信先|回复|회신|importance|priority|wichtigkeit|importanza"
    "|importancia|priorité|attachments|anlagen|organization|organisation|message-id|mailed-by|newsgroups|mailing list",
}
LABEL_KIND = {word: kind for kind, words in LABELS.items() for word in words.split("|")}

_DEVICE = (
    r"(?:i-?phon\w*|ipad|ipod|i ?watch|mac|smart ?phone|android|galaxy|samsung|huawei|honor|xiaomi|redmi|oppo|vivo|oneplus|nokia|htc"
    r"|lg|sony|xperia|motorola|pixel|blackberry"
    r"|windows|outlook|mail\.ru|mail|e-?mail|gmail|yahoo|proton\s?mail|proton|tutanota|spark|airmail|mailbox|boxer|newton|k-9"
    r"|fairemail|aquamail|thunderbird|bluemail|type ?mail|typeapp|gmx|web\.de|t-online"
    r"|orange|free|laposte|libero|qq|网易|foxmail|naver|daum|yandex|яндекс|mymail|workspace|touchdown|zimbra|ti-\d+|alcatel|device"
    r"|phone|cell(?:phone)?|mobile?|mobil|tablet|handy|telefon|téléphone"
    r"|teléfono|telefono|telefone|smartfon|komórki|telefoon|puhelin|puhelimesta|matkapuhelin|mobilgerät|mobiltelefon|mobielephone"
    r"|appareil|dispositivo|urządzenia|устройства|телефона|смартфона|айфона"
    r"|มือถือ|โทรศัพท์|điện thoại|ponsel|手机|手機|携帯|スマートフォン|스마트폰|휴대폰)"
)
_SENT = (
    r"(?:sent|composed|written|typed|gesendet|versendet|geschickt|envoyé|expédié|envoyée|enviado|enviada|enviat|inviato|inviata|spedito"
    r"|verzonden|verstuurd|gestuurd|sendt|hent|skickat|skickad|skickades|lähetetty|wysłane|wysłano|wysłana|odesláno|odoslané|poslano"
    r"|poslato|trimis|отправлено|послано|надіслано|відправлено|изпратено|στάλθηκε|απεστάλη|gönderildi|küldve|elküldve|נשלח|أرسلت"
    r"|تم الإرسال|مرسل|ارسال شده|được gửi|gửi|dikirim|dihantar|terkirim|ส่ง)"
)
_FROM = (
    r"(?:from|with|via|using|by|von|vom|mit|über|aus|depuis|de|d['’]|avec|à partir|par|desde|con|do|da|dal|dallo|dalla|del|com|pelo|pela"
    r"|des de|van|vanaf|met|fra|med|från|z|ze|za|s|iz|sa|od|со|с|из|от|з|із|зі|від|από|az?|מ|من|از|từ|bằng|dari|dengan|daripada|จาก|ด้วย)"
)
_GET = (
    r"(?:get|download|holen sie sich|obtenez|téléchargez|obtener|obtén|obtenha|ottieni|scarica|download|hanki|pobierz|скачать|hent|hämta)"
)
_APP = r"(?:outlook|yahoo mail|bluemail|boxer|spark|gmail|typeapp|mymail|proton ?mail|edison mail)"
_EAST = (
    r"(?:发自|發自|来自|來自|寄自|从|從|由)我的.{1,24}|(?:发自|發自).{0,24}(?:iphone|ipad|android|手机|手機|mail|邮箱|客户端)"
    r"|(?:iphone|ipad|android|galaxy|スマートフォン|スマホ|携帯|私の).{0,20}(?:から|より)(?:の)?送信(?:し(?:た|ました)|され(?:た|ました))?"
    r"|(?:나의|내)\s.{0,24}에서 (?:보냄|보낸 메일|전송)|.{0,24}에서 (?:보냄|보냈습니다)"
)
MOBILE = re.compile(
    rf"[\s<(\[*_~>\-–—]{{0,6}}(?:(?:{_SENT}\s?{_FROM}\s?.{{0,40}}?{_DEVICE}.{{0,60}})|{_GET} .{{0,4}}{_APP}.{{0,40}}"
    rf"|(?:.{{0,40}}\b)?(?:von|mit) .{{0,30}}{_DEVICE}.{{0,40}} (?:gesendet|versendet|geschickt|verschickt)"
    rf"|{_SENT} via (?:mobile|mobil)|lähetetty .{{0,20}}{_DEVICE}\S{{0,8}}"
    rf"|.{{0,30}}{_DEVICE}\S{{0,12}}(?:d[ae]n gönderil|t[ae]n gönderil|r[óő]l küld)\S{{0,10}}"
    rf"|(?:\w+ )?from (?:my )?(?:mobile|i-?phone|ipad|android|samsung)(?: \w{{1,8}})?(?: \d{{1,2}})?|{_EAST})[\s>)\]*_~.!]{{0,8}}",
    re.IGNORECASE,
)
LINK = re.compile(r"\(?<?https?://[^\s>)]+>?\)?")

# what companies and virus scanners hang below a mail: enough of it in one closing paragraph folds that paragraph
DISCLAIMER = re.compile(
    r"confidentiality notice|(?:e-?mail|message|transmission).{0,120}(?:confidential|privileged|intended (?:only|solely) for)"
    r"|if you are not the intended recipient|received this .{0,30}in error"
    r"|virus-?free\b|(?:checked|scanned) (?:for|by).{0,30}virus|vertrauliche.{0,60}informationen|nicht der (?:richtige"
    r"|beabsichtigte) (?:adressat|empfänger)|frei von viren|auf viren (?:überprüft|geprüft)"
    r"|ce (?:message|courriel|mail).{0,120}confidentiel|este (?:mensaje|correo|e-?mail).{0,120}confidencial"
    r"|esta mensagem.{0,120}confidencia|questo messaggio.{0,120}(?:riservat|confidenzial)"
    r"|si usted no es el destinatario|se você não é o destinatário|dit (?:e-?mail)?bericht.{0,120}vertrouwelijk"
    r"|ta wiadomość.{0,120}poufn|данное сообщение.{0,120}конфиденциальн"
    r"|本(?:电子)?邮件.{0,60}(?:保密|机密)|本(?:電子)?郵件.{0,60}(?:保密|機密)"
    r"|このメール.{0,80}(?:機密|秘密)|bu e-?posta.{0,100}gizli|think before you print"
    r"|please consider the environment"
    r"|thư điện tử này.{0,80}bảo mật|email ini.{0,100}rahasia|이 (?:메일|메시지).{0,80}기밀"
    r"|(?:unsubscribe|se désinscrire|darse de baja|abbestellen|cancelar (?:a )?(?:inscrição|suscripción)|退订|取消订阅).{0,80}https?://",
    re.IGNORECASE | re.DOTALL,
)
